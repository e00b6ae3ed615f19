import type { Caller } from '../../contract/contract'
import { forbidden } from '../../errors'
import type { NodeLog } from '../../log'
import type { Registry } from '../../registry/registry'
import type { OnRejected } from '../../transport/rejections'
import type { Audience } from '../../transport/transport'

/** Which nodes receive the events of this one. */
export class EventAudience {
  constructor (
    private readonly registry: Registry, private readonly onRejected: OnRejected, private readonly log: NodeLog
  ) {}

  /** The nodes that receive an event; undefined where all do. */
  of (path: string, event: string): Audience | undefined {
    return this.registry.hostedAt(path)?.access?.audience(event, this.log)
  }

  /** Counts a node that subscribed to a service of which it may receive no event. */
  onSubscribed (node: Caller, path: string): void {
    const hosted = this.registry.hostedAt(path)
    if (hosted?.access === undefined) return
    const { access, contract: { events } } = hosted
    if (events.length === 0 || events.some(event => access.audience(event, this.log)?.(node) !== false)) return
    this.onRejected('forbiddenEvents', node.address, forbidden({ path }, node).message)
  }
}
