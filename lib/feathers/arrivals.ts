import type { NodeLog } from '../log'
import type { LogCode } from '../log-codes'
import { nodeTitle } from '../printable'
import type { MeshNode } from '../registry/mesh-node'
import type { Registry } from '../registry/registry'
import type { RemoteEvents } from '../remote/remote-events'
import type { EventMessage, LeaveReason, Peer } from '../transport/transport'
import type { AwaitedHosts } from './health/awaited-hosts'
import type { NodeInspection } from './node-inspection'

/** Where it is noted which nodes come and go. */
export interface ArrivalsOptions {
  readonly registry: Registry
  readonly events: RemoteEvents
  readonly inspection: Pick<NodeInspection, 'received'>
  readonly awaited: AwaitedHosts
  readonly log: NodeLog
}

/** Notes which nodes come and go, and tells the log; and takes what they send unasked. */
export class Arrivals {
  constructor (private readonly options: ArrivalsOptions) {}

  /** A node came, or what it offers is not the same any more. */
  joined (peer: Peer): void {
    const { registry } = this.options
    // A command line, for instance: nobody calls it, and nobody counts it.
    if (peer.isObserver === true) return
    const isNew = !registry.hasNode(peer.id)
    registry.join(peer)
    if (isNew) this.tell('FEATHERS_MESH_NODE_JOINED', peer, 'is on the mesh')
  }

  /** A node is gone. */
  left (peerId: string, reason: LeaveReason): void {
    const { registry, events, awaited } = this.options
    const peer = registry.node(peerId)
    if (reason === 'disconnected') awaited.expect(peerId)
    events.leaves(peerId)
    registry.leave(peerId)
    if (peer !== undefined) this.tell('FEATHERS_MESH_NODE_LEFT', peer, `has left (${reason})`)
  }

  /** An event of a node came. */
  receive (message: EventMessage): void {
    this.options.inspection.received(message)
    this.options.events.receive(message)
  }

  private tell (code: LogCode, peer: MeshNode, what: string): void {
    const { log } = this.options
    // Hundreds of nodes may come at once.
    if (log.takes?.(code) === false) return
    log.tell(code, `feathers-mesh: node ${nodeTitle(peer)} ${what}`, { node: peer.id, key: peer.key })
  }
}
