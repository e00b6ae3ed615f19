import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { DistributedModule } from 'feathers-mesh'
import { obey } from '../obey'

/** The adapters of Feathers' own suite, in a process of their own. */
const app = feathers()
for (const [path, id] of [['people', 'id'], ['people-customid', 'customid']]) {
  app.use(path, new MemoryService({ id, events: ['testing'] }), { events: ['testing'] })
}

const mesh = DistributedModule.forRoot({ app, services: ['people', 'people-customid'] })

obey({ start: async () => { await mesh.start() } })
