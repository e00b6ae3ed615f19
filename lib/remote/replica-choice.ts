import type { Host } from '../registry/mesh-node'
import { affinityOf, lowest, type Replica, type RoutedCall, type Routing } from './routing'

/** The weight of the latest reply in the moving average of a replica. */
const LATEST = 0.2

interface Load {
  pending: number
  latency: number
}

/** Chooses the replica that takes a call, and keeps count of what it chooses by. */
export class ReplicaChoice {
  private readonly loads = new Map<string, Load>()
  private turn = 0

  constructor (private readonly routing: Routing = 'leastPending') {}

  /** The replica for the next call; undefined when there is none. */
  pick (hosts: readonly Host[], call: RoutedCall, affinity?: string): Host | undefined {
    if (hosts.length < 2) return hosts[0]
    if (affinity !== undefined) return lowest(hosts, 0, ({ node }) => -affinityOf(affinity, node.id))
    const start = this.turn++ % hosts.length
    switch (this.routing) {
      case 'roundRobin': return hosts[start]
      case 'leastPending': return lowest(hosts, start, ({ node }) => this.loads.get(node.id)?.pending ?? 0)
      // A replica that nobody called yet has no latency: it is tried first.
      case 'fastest': return lowest(hosts, start, ({ node }) => this.loads.get(node.id)?.latency ?? 0)
      default: return this.ask(this.routing, hosts, call)
    }
  }

  started ({ node }: Host): void {
    const load = this.loads.get(node.id)
    if (load === undefined) this.loads.set(node.id, { pending: 1, latency: 0 })
    else load.pending++
  }

  /** @param latency - milliseconds until the reply; none when there was no reply */
  finished ({ node }: Host, latency?: number): void {
    const load = this.loads.get(node.id)
    if (load === undefined) return
    if (load.pending > 0) load.pending--
    if (latency === undefined) return
    load.latency = load.latency === 0 ? latency : load.latency + LATEST * (latency - load.latency)
  }

  /** A node left. */
  forget (nodeId: string): void {
    this.loads.delete(nodeId)
  }

  private ask (routing: Exclude<Routing, string>, hosts: readonly Host[], call: RoutedCall): Host | undefined {
    const replicas = hosts.map(({ node: { id, key } }): Replica => {
      return { id, key, pending: 0, latency: 0, ...this.loads.get(id) }
    })
    const chosen = routing(replicas, call)
    const id = typeof chosen === 'string' ? chosen : chosen.id
    return hosts.find(({ node }) => node.id === id)
  }
}
