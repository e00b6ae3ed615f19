/** A node that counts calls. */
import { DistributedModule } from 'feathers-mesh'
import { obey, stopOnSigterm, tell } from '../obey'
import { TallyService } from './tally'

const mesh = DistributedModule.forRoot({ cote: { broadcast: '127.255.255.255' }, services: [TallyService] })
const service = mesh.resolve(TallyService)

stopOnSigterm(async () => {
  await mesh.stop()
  tell('stopped', service.count)
})

obey({ start: () => mesh.start(), count: () => service.count })
