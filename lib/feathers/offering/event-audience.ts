import type { Caller } from '../../contract/contract'
import { forbidden } from '../../errors'
import type { Registry } from '../../registry/registry'
import type { OnRejected } from '../../transport/rejections'
import type { Audience } from '../../transport/transport'

/** Says which nodes are told the events of this one. */
export class EventAudience {
  constructor (private readonly registry: Registry, private readonly onRejected: OnRejected) {}

  /** Those that are told an event; undefined where all are. */
  of (path: string, event: string): Audience | undefined {
    return this.registry.hostedAt(path)?.access?.audience(event)
  }

  /** Counts a node that listens to a service of which it may hear nothing. */
  listened (node: Caller, path: string): void {
    const hosted = this.registry.hostedAt(path)
    if (hosted?.access === undefined) return
    const { access, contract: { events } } = hosted
    if (events.length === 0 || events.some(event => access.audience(event)?.(node) !== false)) return
    this.onRejected('forbiddenEvents', node.address, forbidden({ path }, node).message)
  }
}
