import { EventGroupMap } from '../../event-group-map'
import type { EventGroup, GroupChoice, GroupMember, GroupMembers } from '../../event-groups'
import type { EventMessage } from '../../transport'
import type { WireEarlier } from './event-counts'
import type { PathEvents } from './path-events'
import type { PublishedEvents } from './published-events'

/** How many groups without members are remembered, those that were left last: what they missed is counted. */
const MAX_EMPTY = 1_000

/** A subscriber as a member of groups. */
export interface GroupSubscriber extends GroupMember {
  /** The groups that the peer is in. */
  readonly groups: readonly EventGroup[]
  /** What is counted for a path; undefined where the peer did not subscribe to it. */
  eventsOf (path: string): PathEvents | undefined
  /** No member of one of its groups could take an event: it is told as one that this peer was to get. */
  drop (path: string): void
  /** The same for a subscriber whose connection was lost: what it missed is counted until it returns. */
  miss (path: string): void
  /** Events of a path may be lost with a member of one of its groups: the peer is told with the next gaps. */
  mayMiss (path: string): void
  /** Tells the peer how many events of each path it missed. */
  sendGaps (): void
}

type MayHear = (path: string, event: string) => boolean

/** A group, and the subscribers that are its members. */
class IndexedGroup implements GroupMembers {
  turn = 0
  /** Subscribers whose connection was lost, and that may return. */
  readonly parted = new Set<GroupSubscriber>()
  /** The ids of the nodes that got events: these may be lost with them. */
  readonly served = new Set<string>()
  private readonly joined = new Set<GroupSubscriber>()
  /** How many members each node has: several where it has several connections. */
  private readonly ofNode = new Map<string, number>()
  private list: readonly GroupSubscriber[] | undefined

  /** @param missed - how many events were published that no member could take */
  constructor (readonly name: EventGroup, public missed: number) {}

  /**
   * One for each node, by the connection that it joined by last: a node may have two for a while, and its share of the
   * events is that of one. Made when an event needs it: peers join and leave as they like, and there may be very many.
   */
  get members (): readonly GroupSubscriber[] {
    return this.list ??= [...new Map([...this.joined].map(each => [each.caller.node, each])).values()]
  }

  /** The members by all of their connections. */
  get connections (): Iterable<GroupSubscriber> {
    return this.joined
  }

  get isEmpty (): boolean {
    return this.joined.size === 0 && this.parted.size === 0
  }

  /** Adds a member, unless it is one. */
  add (subscriber: GroupSubscriber): void {
    if (this.joined.has(subscriber)) return
    const { node = '' } = subscriber.caller
    this.joined.add(subscriber)
    this.ofNode.set(node, (this.ofNode.get(node) ?? 0) + 1)
    this.list = undefined
  }

  /** Removes a member. Returns whether its node, which is no member any more, was given events. */
  remove (subscriber: GroupSubscriber): boolean {
    if (!this.joined.delete(subscriber)) return false
    this.list = undefined
    const { node = '' } = subscriber.caller
    const others = (this.ofNode.get(node) ?? 1) - 1
    if (others > 0) this.ofNode.set(node, others)
    else this.ofNode.delete(node)
    // Another connection of the node may have taken over.
    return others === 0 && this.served.delete(node)
  }
}

/** The groups of a node's events, and their members. */
export class GroupIndex {
  private readonly groups = new EventGroupMap<IndexedGroup>()
  /** Those without members, the longest left first. */
  private readonly empty = new Set<IndexedGroup>()
  /** Those that lost a member, and whose other members are yet to be told. */
  private readonly losing = new Set<IndexedGroup>()
  private telling: NodeJS.Immediate | undefined

  constructor (private readonly published: PublishedEvents) {}

  /** The groups of an event; undefined where there are none. */
  of (path: string, event: string): ReadonlyMap<string, IndexedGroup> | undefined {
    return this.groups.of(path, event)
  }

  /** A subscriber is a member of these groups now, and of no others. */
  replace (subscriber: GroupSubscriber, groups: readonly EventGroup[]): void {
    const now = new Set<IndexedGroup>()
    for (const name of groups) {
      const group = this.find(name)
      this.empty.delete(group)
      group.add(subscriber)
      now.add(group)
    }
    for (const name of subscriber.groups) {
      const group = this.groups.get(name)
      if (group !== undefined && !now.has(group)) this.remove(subscriber, group)
    }
  }

  /**
   * The connection of a subscriber was lost, and with it perhaps what it was given.
   *
   * @returns the groups of which it was given events
   */
  lose (subscriber: GroupSubscriber): readonly EventGroup[] {
    return subscriber.groups.filter(name => this.remove(subscriber, this.groups.get(name)))
  }

  /** A lost member may return: what its groups miss is counted for it. */
  park (subscriber: GroupSubscriber): void {
    for (const name of subscriber.groups) {
      const group = this.find(name)
      this.empty.delete(group)
      group.parted.add(subscriber)
    }
  }

  /** A lost member returns, or does not any more. */
  unpark (subscriber: GroupSubscriber): void {
    for (const name of subscriber.groups) {
      const group = this.groups.get(name)
      if (group?.parted.delete(subscriber) === true) this.release(group)
    }
  }

  /** An event was sent as the node chose, and what nobody could take is counted for all members. */
  settle ({ path, event }: EventMessage, choice: GroupChoice): void {
    const { byNode, own, lost } = choice
    for (const group of own) this.find({ path, event, group })
    const groups = this.of(path, event)
    for (const [node, names] of byNode) for (const name of names) groups?.get(name)?.served.add(node)
    if (lost.length > 0) this.countLost(path, groups, choice)
  }

  /** One event is missed once, also by who is in several groups. */
  private countLost (
    path: string, groups: ReadonlyMap<string, IndexedGroup> | undefined, { lost, audience }: GroupChoice
  ): void {
    // Those that want all events of the path are told anyway.
    const counts = (subscriber: GroupSubscriber): boolean =>
      subscriber.eventsOf(path)?.isPlain === false && audience?.(subscriber.caller) !== false
    const [members, parted] = [new Set<GroupSubscriber>(), new Set<GroupSubscriber>()]
    for (const name of lost) {
      const group = groups?.get(name)
      if (group === undefined) continue
      group.missed++
      for (const subscriber of group.connections) members.add(subscriber)
      for (const subscriber of group.parted) parted.add(subscriber)
    }
    for (const subscriber of members) if (counts(subscriber)) subscriber.drop(path)
    for (const subscriber of parted) if (counts(subscriber)) subscriber.miss(path)
  }

  /**
   * Tells the members of groups that events may be lost with a member that is gone: soon, as very many members may be
   * gone at once, and each of those that stay is told one time.
   */
  tellLoss (groups: readonly EventGroup[]): void {
    for (const name of groups) {
      const group = this.groups.get(name)
      if (group !== undefined) this.losing.add(group)
    }
    if (this.losing.size > 0) this.telling ??= setImmediate(() => this.tellPending())
  }

  /** Tells at once what {@link tellLoss} would tell soon. */
  tellPending (): void {
    clearImmediate(this.telling)
    this.telling = undefined
    const told = new Set<GroupSubscriber>()
    for (const { name: { path }, connections } of this.losing) {
      for (const subscriber of connections) {
        subscriber.mayMiss(path)
        told.add(subscriber)
      }
    }
    this.losing.clear()
    for (const subscriber of told) if (!subscriber.isBehind) subscriber.sendGaps()
  }

  /**
   * What groups missed before a subscriber joined them.
   *
   * @param paths - those of which it wants no other events
   */
  earlier (groups: readonly EventGroup[], paths: ReadonlySet<string>, mayHear: MayHear): WireEarlier {
    const byPath = new Map<string, Map<string, number>>()
    for (const name of groups) {
      const { path, event } = name
      if (!paths.has(path) || !mayHear(path, event)) continue
      // Several groups of an event have missed the same ones.
      const ofPath = byPath.get(path) ?? new Map<string, number>()
      byPath.set(path, ofPath)
      ofPath.set(event, Math.max(ofPath.get(event) ?? 0, this.groups.get(name)?.missed ?? 0))
    }
    return [...byPath].map(([path, counts]) => [path, sumOf(counts.values())] as const).filter(([, count]) => count > 0)
      .map(([path, count]) => [path, count, this.published.ageOf(path) ?? 0] as const)
  }

  /** Knows no groups any more. */
  clear (): void {
    clearImmediate(this.telling)
    this.telling = undefined
    this.groups.clear()
    this.empty.clear()
    this.losing.clear()
  }

  /** Returns whether the node of the subscriber, which is no member any more, was given events. */
  private remove (subscriber: GroupSubscriber, group: IndexedGroup | undefined): boolean {
    const wasServed = group?.remove(subscriber) === true
    if (group !== undefined) this.release(group)
    return wasServed
  }

  private find (name: EventGroup): IndexedGroup {
    const known = this.groups.get(name)
    if (known !== undefined) return known
    const made = new IndexedGroup(name, this.published.countOf(name.path, name.event))
    this.groups.set(name, made)
    this.release(made)
    return made
  }

  /** Remembers a group that may have no members, and forgets the one that had none for the longest time. */
  private release (group: IndexedGroup): void {
    if (!group.isEmpty) return
    this.empty.add(group)
    if (this.empty.size <= MAX_EMPTY) return
    for (const oldest of this.empty) {
      this.empty.delete(oldest)
      this.groups.delete(oldest.name)
      return
    }
  }
}

function sumOf (counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}
