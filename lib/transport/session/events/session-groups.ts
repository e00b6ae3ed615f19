import type { EventGroup, GroupInterest, GroupMembers, TransportGroups } from '../../event-groups'
import { within } from '../../drain'
import type { Interest } from './interest'
import type { Subscribers } from './subscribers'

/** How long a node that leaves its groups waits for peers that do not answer. */
const LEAVING_MS = 3_000

/** What {@link SessionGroups} needs of each session with a peer. */
export interface GroupSession {
  /** Tells the peer what this node wants, if that changed. */
  sync (): void
  /** Resolves when the peer has answered. */
  settled (): Promise<void>
}

/** Groups on a transport that has a session with each peer. */
export class SessionGroups implements TransportGroups {
  /**
   * @param interest - what the node wants of any peer
   * @param subscribers - the peers that want events of the node
   * @param sessions - those with all peers, now
   */
  constructor (
    private readonly interest: Interest, private readonly subscribers: Subscribers,
    private readonly sessions: () => Iterable<GroupSession>
  ) {}

  join (path: string, groups: readonly GroupInterest[], since?: number): void {
    this.interest.join(path, groups, since)
    for (const session of this.sessions()) session.sync()
  }

  async settled (): Promise<void> {
    await Promise.all([...this.sessions()].map(async session => await session.settled()))
  }

  async leave (limitMs: number): Promise<void> {
    const { hasGroups } = this.interest
    this.interest.leaveGroups()
    if (!hasGroups) return
    for (const session of this.sessions()) session.sync()
    await within(Math.min(limitMs, LEAVING_MS), this.settled())
  }

  of (path: string, event: string): ReadonlyMap<string, GroupMembers> | undefined {
    return this.subscribers.groups.of(path, event)
  }

  tellLoss (groups: readonly EventGroup[]): void {
    this.subscribers.groups.tellLoss(groups)
  }
}
