/** A process with one node, for what it takes until a mesh is complete. */
import { DistributedModule } from 'feathers-mesh'
// A program with class services has loaded it when it starts its node; here, forRoot would.
import 'tsyringe'
import { obey } from '../../processes/obey'
import { cpuTime, sharedNow } from '../../processes/usage'
import { NodeWatch, type Sight, type StartSettings } from './node-watch'

/** A service, as it is called. */
interface Readable {
  get (id: string): Promise<unknown>
}

const watch = new NodeWatch()
let mesh: DistributedModule | undefined

function theMesh (): DistributedModule {
  if (mesh === undefined) throw new Error('the node was not started')
  return mesh
}

/** Hundreds of processes look, so each asks for what is known already: the paths that each node offers. */
function sees ({ nodes, services }: Sight): boolean {
  const known = theMesh().nodes()
  if (known.length < nodes || known.some(node => node.services.length === 0)) return false
  return known.reduce((sum, node) => sum + node.services.length, 0) >= services
}

obey({
  start: async ({ discovery, listen, port, environment, index, services }: StartSettings) => {
    const name = index === undefined ? 'replica' : `node-${index}`
    mesh = DistributedModule.forRoot({
      key: name, discovery, insecure: true, cote: { port, environment }, ...listen === undefined ? {} : { listen }
    })
    for (let n = 0; n < services; n++) {
      mesh.app.use(`${name}/service-${n}`, { find: async () => [], get: async (id: unknown) => ({ id }) })
    }
    await mesh.start()
  },
  see: async (sight: Sight) => await watch.until(() => sees(sight), sight),
  /** Calls a service. Returns when it had answered. */
  call: async (path: string) => {
    await theMesh().remote<Readable>(path).get('1')
    return sharedNow()
  },
  cpu: cpuTime,
  usage: () => watch.usage
})
