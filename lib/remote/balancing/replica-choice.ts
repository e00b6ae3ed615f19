import { inspect } from 'node:util'
import type { Host } from '../../registry/mesh-node'
import { affinityOf, lowest, type Replica, type RoutedCall, type Routing } from './routing'

/** The weight of the latest reply in the moving average of a replica. */
const LATEST = 0.2
/** Where the fastest replica is asked, one call in so many goes by turns: a slow one may have become faster. */
const EXPLORE = 20

interface Load {
  pending: number
  latency: number
}

/** Chooses the replica that takes a call, and keeps count of what it chooses by. */
export class ReplicaChoice {
  private readonly loads = new Map<string, Load>()
  private turn = 0

  constructor (private readonly routing: Routing = 'leastPending') {}

  /**
   * The replica for the next call; undefined when there is none.
   *
   * @throws TypeError when the user's function chooses none of those that it was given, and what that throws
   */
  pick (hosts: readonly Host[], call: RoutedCall, affinity?: string): Host | undefined {
    if (hosts.length < 2) return hosts[0]
    if (affinity !== undefined) return lowest(hosts, 0, ({ node }) => -affinityOf(affinity, node.id))
    const start = this.turn++ % hosts.length
    switch (this.routing) {
      case 'roundRobin': return hosts[start]
      case 'leastPending': return lowest(hosts, start, ({ node }) => this.loads.get(node.id)?.pending ?? 0)
      case 'fastest': return this.fastest(hosts, start)
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

  private fastest (hosts: readonly Host[], start: number): Host | undefined {
    if (this.turn % EXPLORE === 0) return hosts[this.turn / EXPLORE % hosts.length]
    return lowest(hosts, start, ({ node }) => {
      const { latency, pending } = this.loads.get(node.id) ?? { latency: 0, pending: 0 }
      // One that nobody called yet is tried first, but by one call: it may never answer.
      return latency === 0 && pending > 0 ? Number.MAX_VALUE : latency
    })
  }

  private ask (routing: Exclude<Routing, string>, hosts: readonly Host[], call: RoutedCall): Host | undefined {
    const replicas = hosts.map(({ node: { id, key } }): Replica => {
      return { id, key, pending: 0, latency: 0, ...this.loads.get(id) }
    })
    // Whatever the types say: it is the user's.
    const chosen = routing(replicas, call) as Replica | string | null | undefined
    const id = typeof chosen === 'object' ? chosen?.id : chosen
    const host = hosts.find(({ node }) => node.id === id)
    if (host !== undefined) return host
    const offered = hosts.map(({ node }) => node.id).join(', ')
    throw new TypeError(`the routing function must choose one of ${offered}, not ${inspect(chosen, { depth: 0 })}`)
  }
}
