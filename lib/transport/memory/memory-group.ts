import { Drain } from '../drain'
import type { DurableGroup, DurableGroupLag, OnStored } from '../event-store'
import { attempt } from '../durable/attempt'
import { readStored, type LetterFacts } from '../durable/stored-text'

/** An event that is kept. */
export interface KeptEvent {
  readonly sequence: number
  readonly time: Date
  readonly path: string
  readonly event: string
  readonly text: string
}

/** Where a group finds its events, and leaves those that it gives up. */
export interface EventLog {
  /** The number that the next event gets. */
  readonly end: number
  /** The first event for a group that has at least this number. */
  from (sequence: number, group: Pick<DurableGroup, 'path' | 'event'>): KeptEvent | undefined
  /** How many events there are for a group that have at least this number. */
  countFrom (sequence: number, group: Pick<DurableGroup, 'path' | 'event'>): number
  /** Makes a dead letter. */
  bury (event: KeptEvent, group: DurableGroup, facts: Pick<LetterFacts, 'deliveries' | 'reason'>): void
}

/** An event that was given to a member before. */
interface Again {
  readonly event: KeptEvent
  readonly delivery: number
}

/** A member of a group, on one node. */
export class MemoryMember {
  busy = 0
  isOpen = true
  readonly idle = new Drain(() => this.busy === 0)

  constructor (readonly nodeId: string, readonly onStored: OnStored) {}
}

/** The events of one group of a memory network, and its members. */
export class MemoryGroup {
  private readonly members: MemoryMember[] = []
  /** Those that are to be given again, now. */
  private readonly due: Again[] = []
  /** Those that members handle, and those that rest until they are given again. */
  private readonly underWay = new Map<Again, MemoryMember>()
  private readonly resting = new Set<NodeJS.Timeout>()
  private turn = 0

  /** @param next - the number of the first event that it gets */
  constructor (private group: DurableGroup, private readonly events: EventLog, private next: number) {}

  get lag (): DurableGroupLag {
    const { group: { path, event, group }, underWay, resting, due } = this
    const waiting = this.events.countFrom(this.next, this.group)
    return { path, event, group, waiting, underWay: underWay.size + resting.size + due.length }
  }

  /** A member comes; it says how the group works from now on. */
  add (group: DurableGroup, member: MemoryMember): void {
    this.group = group
    this.members.push(member)
    this.give()
  }

  /** A member leaves: it gets nothing new. */
  remove (member: MemoryMember): void {
    member.isOpen = false
    const at = this.members.indexOf(member)
    if (at >= 0) this.members.splice(at, 1)
  }

  /** A node is gone from one moment to the next: others get its events when the time for them is over. */
  lose (nodeId: string): void {
    for (const member of this.members.filter(each => each.nodeId === nodeId)) this.remove(member)
    for (const [again, member] of [...this.underWay]) {
      if (member.nodeId !== nodeId) continue
      this.underWay.delete(again)
      this.rest(again, this.group.ackTimeout)
    }
  }

  /** Gives events to members that have time for them. */
  give (): void {
    for (;;) {
      const member = this.freeMember()
      const again = member === undefined ? undefined : this.take()
      if (member === undefined || again === undefined) return
      member.busy++
      this.underWay.set(again, member)
      // As over a network: nobody gets an event while another part of the program is at work.
      setImmediate(() => { void this.handle(again, member) })
    }
  }

  private freeMember (): MemoryMember | undefined {
    const { members, group: { concurrency } } = this
    for (let n = 0; n < members.length; n++) {
      const member = members[this.turn++ % members.length]
      if (member.busy < concurrency) return member
    }
    return undefined
  }

  private take (): Again | undefined {
    const { group, underWay, resting, due } = this
    if (group.ordered && underWay.size + resting.size > 0) return undefined
    const again = due.shift()
    if (again !== undefined) return { event: again.event, delivery: again.delivery + 1 }
    const event = this.events.from(this.next, group)
    this.next = event === undefined ? this.events.end : event.sequence + 1
    return event === undefined ? undefined : { event, delivery: 1 }
  }

  private async handle (again: Again, member: MemoryMember): Promise<void> {
    const { event: { sequence, time, text }, delivery } = again
    const { group } = this
    const verdict = await attempt(group, { message: readStored(text), sequence, time, delivery }, member.onStored)
    member.busy--
    member.idle.check()
    // Its node was lost meanwhile, and cannot say what became of the event.
    if (!this.underWay.delete(again)) return
    if (verdict.kind === 'again') this.rest(again, verdict.pauseMs)
    if (verdict.kind === 'dead') this.events.bury(again.event, group, { deliveries: delivery, reason: verdict.reason })
    this.give()
  }

  private rest (again: Again, pauseMs: number): void {
    const timer = setTimeout(() => {
      this.resting.delete(timer)
      this.due.push(again)
      this.give()
    }, pauseMs)
    // A test that is over waits for nothing.
    timer.unref()
    this.resting.add(timer)
  }
}
