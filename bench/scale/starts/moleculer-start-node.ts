/** A process with one node of Moleculer, whose nodes find each other by UDP and gossip over TCP. */
import { loadPeer } from '../../peers'
import { obey } from '../../processes/obey'
import { tcpTransporter, type Moleculer } from '../../systems/moleculer'
import { NodeWatch, type Sight, type StartSettings } from './node-watch'

const watch = new NodeWatch()
const loaded = loadPeer<Moleculer>('moleculer')
let registry: Registry | undefined

/** What a broker knows of its mesh. */
interface Registry {
  getNodeList (options: { onlyAvailable: boolean }): readonly unknown[]
  getServiceList (options: { onlyAvailable: boolean, skipInternal: boolean }): readonly unknown[]
}

function sees ({ nodes, services }: Sight): boolean {
  if (registry === undefined || registry.getNodeList({ onlyAvailable: true }).length < nodes) return false
  return registry.getServiceList({ onlyAvailable: true, skipInternal: true }).length >= services
}

obey({
  start: async ({ port, environment, index, services }: StartSettings) => {
    const { ServiceBroker } = await loaded
    const name = index === undefined ? 'replica' : `node-${index}`
    const broker = new ServiceBroker({
      namespace: environment, nodeID: `${name}-${process.pid}`, logger: false, transporter: tcpTransporter(port)
    })
    for (let n = 0; n < services; n++) {
      const actions = { find: async () => [], get: async ({ params }: { params: object }) => params }
      broker.createService({ name: `${name}-service-${n}`, actions })
    }
    await broker.start()
    registry = broker.registry as Registry
  },
  see: async (sight: Sight) => await watch.until(() => sees(sight), sight),
  usage: async () => {
    await loaded
    return watch.usage
  }
})
