import type { NodeLog } from '../log'
import type { LogCode } from '../log-codes'
import { nodeTitle } from '../printable'
import type { MeshNode } from '../registry/mesh-node'
import type { Registry } from '../registry/registry'
import type { RemoteEvents } from '../remote/remote-events'
import type { LeaveReason, Peer } from '../transport/transport'

/** Where it is noted which nodes come and go. */
export interface ArrivalsOptions {
  readonly registry: Registry
  readonly events: RemoteEvents
  readonly log: NodeLog
}

/** Notes which nodes come and go, and tells the log. */
export class Arrivals {
  constructor (private readonly options: ArrivalsOptions) {}

  /** A node came, or what it offers is not the same any more. */
  joined (peer: Peer): void {
    const { registry } = this.options
    const isNew = !registry.hasNode(peer.id)
    registry.join(peer)
    if (isNew) this.tell('FEATHERS_MESH_NODE_JOINED', peer, 'is on the mesh')
  }

  /** A node is gone. */
  left (peerId: string, reason: LeaveReason): void {
    const { registry, events } = this.options
    const peer = registry.node(peerId)
    events.leaves(peerId)
    registry.leave(peerId)
    if (peer !== undefined) this.tell('FEATHERS_MESH_NODE_LEFT', peer, `has left (${reason})`)
  }

  private tell (code: LogCode, peer: MeshNode, what: string): void {
    this.options.log.tell(code, `feathers-mesh: node ${nodeTitle(peer)} ${what}`, { node: peer.id, key: peer.key })
  }
}
