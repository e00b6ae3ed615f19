import type { Host } from '../../registry/mesh-node'
import { badRouting } from '../../errors'
import { kindOfValue, printablePart } from '../../printable'
import { fieldsOf } from '../../record'
import { ignoreRejection } from '../../user-function'
import { hashOf, lowest, weightOf, type Replica, type RoutedCall, type Routing } from './routing'

/** The weight of the latest reply in the moving average of a replica. */
const LATEST = 0.2
/** With the routing `fastest`, every 20th call goes to the replicas in turn: a slow one may have become faster. */
const EXPLORE = 20

interface Load {
  pending: number
  latency: number
}

/** Chooses the replica for a call, and keeps the figures that it chooses by. */
export class ReplicaChoice {
  private readonly loads = new Map<string, Load>()
  /** The hashes of the nodes that calls with an affinity chose among, by id. */
  private readonly hashes = new Map<string, number>()
  private turn = 0

  constructor (private readonly routing: Routing = 'leastPending') {}

  /** Whether the user's function chooses: it may insist on a replica that is busy. */
  get isByUser (): boolean {
    return typeof this.routing === 'function'
  }

  /**
   * The replica for the next call; undefined where no host is left.
   *
   * @throws TypeError when the user's function chooses none of the given replicas, and what the function throws itself
   */
  pick<H extends Host> (hosts: readonly H[], call: RoutedCall, affinity?: string): H | undefined {
    if (hosts.length < 2) return hosts[0]
    if (affinity !== undefined) return this.ownerOf(affinity, hosts)
    const start = this.turn++ % hosts.length
    switch (this.routing) {
      case 'roundRobin': return hosts[start]
      case 'leastPending': return lowest(hosts, start, ({ node }) => this.loads.get(node.id)?.pending ?? 0)
      case 'fastest': return this.fastest(hosts, start)
      default: return this.ask(this.routing, hosts, call)
    }
  }

  /** A call was sent to a replica. */
  started ({ node }: Host): void {
    const load = this.loads.get(node.id)
    if (load === undefined) this.loads.set(node.id, { pending: 1, latency: 0 })
    else load.pending++
  }

  /** A call of a replica ended. @param latency - milliseconds until the reply; none when there was no reply */
  finished ({ node }: Host, latency?: number): void {
    const load = this.loads.get(node.id)
    if (load === undefined) return
    if (load.pending > 0) load.pending--
    if (latency === undefined) return
    load.latency = load.latency === 0 ? latency : load.latency + LATEST * (latency - load.latency)
  }

  /** Drops the figures of a node that left. */
  delete (nodeId: string): void {
    this.loads.delete(nodeId)
    this.hashes.delete(nodeId)
  }

  /** The replica that takes the calls of an affinity. */
  private ownerOf<H extends Host> (affinity: string, hosts: readonly H[]): H | undefined {
    const key = hashOf(affinity)
    return lowest(hosts, 0, ({ node: { id } }) => -weightOf(key, this.hashOfNode(id)))
  }

  private hashOfNode (id: string): number {
    let hash = this.hashes.get(id)
    if (hash === undefined) {
      hash = hashOf(id)
      this.hashes.set(id, hash)
    }
    return hash
  }

  private fastest<H extends Host> (hosts: readonly H[], start: number): H | undefined {
    if (this.turn % EXPLORE === 0) return hosts[this.turn / EXPLORE % hosts.length]
    return lowest(hosts, start, ({ node }) => {
      const { latency, pending } = this.loads.get(node.id) ?? { latency: 0, pending: 0 }
      // A replica without a reply yet is tried first, but by one call only: it may never answer.
      return latency === 0 && pending > 0 ? Number.MAX_VALUE : latency
    })
  }

  private ask<H extends Host> (
    routing: Exclude<Routing, string>, hosts: readonly H[], call: RoutedCall
  ): H | undefined {
    const replicas = hosts.map(({ node: { id, key } }): Replica => {
      return { id, key, pending: 0, latency: 0, ...this.loads.get(id) }
    })
    const chosen = choose(() => routing(replicas, call))
    const id = idOf(chosen)
    const host = hosts.find(({ node }) => node.id === id)
    if (host !== undefined) return host
    ignoreRejection(chosen)
    const offered = hosts.map(({ node }) => node.id).join(', ')
    throw badRouting(`the routing function must choose one of ${offered}, not ${shown(chosen)}`)
  }
}

/** What the user's function returns, which may be anything. Callers get what it throws, and an error for nothing. */
function choose (routing: () => unknown): unknown {
  try {
    return routing()
  } catch (error) {
    // oxlint-disable-next-line typescript/only-throw-error -- whatever the user's function threw
    throw error ?? badRouting(`the routing function threw ${String(error)}`)
  }
}

/** The id of a node that was chosen by itself, or by its id. */
function idOf (chosen: unknown): unknown {
  if (typeof chosen === 'string') return chosen
  try {
    return fieldsOf(chosen).id
  } catch {
    // A getter throws.
    return undefined
  }
}

/** What the user's function chose, for the message: a text may be the id of a node that has left. */
function shown (chosen: unknown): string {
  return typeof chosen === 'string' ? `'${printablePart(chosen)}'` : kindOfValue(chosen)
}
