/** A node that offers nothing, calls nothing and listens to nothing. */
import { DistributedModule } from 'feathers-mesh'
import { obey } from './obey'

const mesh = DistributedModule.forRoot()

obey({
  start: async () => await mesh.start()
})
