/** A node that hosts nothing and handles jobs. */
import { DistributedModule } from 'feathers-mesh'
import { Worker } from './group-jobs'
import { obey, stopOnSigterm, tell } from './obey'

const mesh = DistributedModule.forRoot({ listeners: [Worker] })

stopOnSigterm(async () => {
  await mesh.stop()
  tell('stopped')
})

obey({ start: () => mesh.start(), nodes: () => mesh.nodes() })
