import type { Caller } from '../../contract/contract'
import { fieldsOf, textField } from '../../record'
import type { EventGroup } from '../event-groups'
import { gapEvent } from '../messages/event'
import type { EventGap } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import type { SubscriberAnswer, WireCounts } from './events/event-counts'
import type { GroupIndex, GroupSubscriber } from './events/group-index'
import { PathEvents } from './events/path-events'
import type { PublishedEvents } from './events/published-events'
import { readSubscription } from './events/read-subscription'

/** Who a peer is that has not said it. */
const NOBODY: Caller = Object.freeze({ proven: false, address: '' })

/** What a {@link Subscriber} needs of its connection. */
export interface SubscriberOptions {
  /** The key of this node. */
  readonly key: string
  /** Who the peer is. A peer that does not say which node it is can't be a member of groups. */
  readonly caller?: () => Caller
  /** Whether too much waits to leave for the peer, so that it gets no more events for now. */
  readonly isBehind: () => boolean
  readonly send: (event: EncodedValue) => void
  /** An event was dropped because the peer is behind. */
  readonly onDropped: () => void
  /** The peer subscribed to other paths than before. */
  readonly onSubscribed?: () => void
  /** Knows the subscribers of the node's other connections; without it, none goes on where another one ended. */
  readonly subscribers?: OtherSubscribers
}

/** What a {@link Subscriber} needs of those of the node's other connections. */
export interface OtherSubscribers {
  /** All that the node has published. */
  readonly published: PublishedEvents
  /** The groups of its events. */
  readonly groups: GroupIndex
  /** Gives a subscriber its token. */
  add (subscriber: Subscriber): string
  /** Gives the subscriber with a token to the one that follows it; undefined if there is none. */
  take (token: string, by: Caller): Subscriber | undefined
  /** Nothing more is sent by the connection of a subscriber: its events are counted until another one follows it. */
  part (target: { readonly caller: Caller, readonly subscriber: Subscriber }): unknown
}

/** A peer that gets events of this node: the paths that it subscribed to, and how many events of each it was to get. */
export class Subscriber implements GroupSubscriber {
  /** By which another connection of the peer takes this subscription over. */
  token: string | undefined
  /** The groups that the peer is in. */
  groups: readonly EventGroup[] = []
  private paths = new Map<string, PathEvents>()
  /** The paths that another connection of the peer has taken over since it subscribed by this one. */
  private moved: ReadonlySet<string> | undefined
  private lastCaller = NOBODY
  /** The paths of which events were dropped since the last one that was sent. */
  private readonly behind = new Set<PathEvents>()
  private wantsCounts = false
  private asksForGroups = false
  private resumed = false
  /** Undefined once the connection is lost: {@link Subscribers} counts the events then. */
  private options: SubscriberOptions | undefined

  constructor (options: SubscriberOptions) {
    this.options = options
  }

  get caller (): Caller {
    return this.options?.caller?.() ?? this.lastCaller
  }

  get isBehind (): boolean {
    return this.options?.isBehind() !== false
  }

  /** How many paths the peer subscribed to, and how many groups it is in. */
  get size (): number {
    return this.paths.size + this.groups.length
  }

  /** The characters of these paths, and of the groups. */
  get length (): number {
    let length = 0
    for (const path of this.paths.keys()) length += path.length
    for (const { path, event, group } of this.groups) length += path.length + event.length + group.length
    return length
  }

  /**
   * Replaces the paths that the peer subscribed to.
   *
   * @param paths - what the peer sent: anything
   * @param params - what it sent beside them: `counts` asks for counts, `resume` is the token of another connection,
   *   and `groups` are those that the peer is in
   * @returns the paths that are new
   * @throws {@link MalformedMessage} for more paths or groups than a peer may have
   */
  update (paths: unknown, params?: unknown): readonly string[] {
    const wanted = readSubscription(paths, params)
    const earlier = this.readParams(params)
    const earlierPaths = earlier?.handOver()
    const fresh: string[] = []
    const next = new Map<string, PathEvents>()
    for (const path of wanted.paths) {
      const known = this.paths.get(path) ?? earlierPaths?.get(path)
      if (known === undefined) fresh.push(path)
      const events = known ?? new PathEvents(path)
      events.isPlain = wanted.plain.has(path)
      next.set(path, events)
    }
    for (const [path, events] of this.paths) if (!next.has(path)) this.behind.delete(events)
    this.paths = next
    this.moved = undefined
    this.options?.onSubscribed?.()
    this.setGroups(wanted.groups)
    // Only now: until then its node must not be without a place in the groups.
    earlier?.end()
    return fresh
  }

  /**
   * What the peer is told when it subscribes.
   *
   * @param fresh - the paths that are new
   * @param mayHear - whether the peer may hear an event
   */
  answerTo (fresh: readonly string[], mayHear: (path: string, event: string) => boolean): SubscriberAnswer {
    const { answer, options, groups } = this
    if (answer === true || options?.subscribers === undefined) return answer
    const { published, groups: index } = options.subscribers
    const isPlain = (path: string): boolean => this.eventsOf(path)?.isPlain === true
    const plain = groups.length === 0 ? fresh : fresh.filter(isPlain)
    const ofGroups = groups.length === 0
      ? []
      : index.earlier(groups, new Set(fresh.filter(path => !isPlain(path))), mayHear)
    const earlier = [...published.of(plain, mayHear), ...ofGroups]
    return {
      ...answer,
      ...earlier.length === 0 ? {} : { earlier },
      ...this.asksForGroups ? { groups: true } : {}
    }
  }

  /** What the peer is told when it asks for a sign of life. */
  get answer (): SubscriberAnswer {
    const { wantsCounts, counts, token, resumed } = this
    return wantsCounts ? { counts, token, resumed } : true
  }

  /** The counts that a node which leaves tells last; undefined for a peer that did not ask for them. */
  get finalCounts (): WireCounts | undefined {
    return this.wantsCounts ? this.counts : undefined
  }

  /** Whether the peer gets events by this connection. */
  get isActive (): boolean {
    return !this.isParted && this.paths.size > 0
  }

  /** Whether nothing is sent any more. */
  get isParted (): boolean {
    return this.options === undefined
  }

  /** Whether another connection has taken a path over, and the peer may not know that yet. */
  hasMoved (path: string): boolean {
    return this.moved?.has(path) === true
  }

  /** What is counted for a path; undefined where the peer did not subscribe to it. */
  eventsOf (path: string): PathEvents | undefined {
    return this.paths.get(path)
  }

  /**
   * Sends an event, or drops and counts it where the peer is behind: it must not fill the memory of this node.
   *
   * @param events - what {@link eventsOf} returned for the path of the event
   */
  send (events: PathEvents, event: EncodedValue): void {
    const { options } = this
    if (options === undefined) return
    if (options.isBehind()) return this.dropOf(events)
    if (this.behind.size > 0) this.sendGaps()
    events.count++
    options.send(event)
  }

  drop (path: string): void {
    const events = this.paths.get(path)
    if (events !== undefined) this.dropOf(events)
  }

  miss (path: string): void {
    const events = this.paths.get(path)
    if (events !== undefined) events.count++
  }

  mayMiss (path: string): void {
    const events = this.paths.get(path)
    if (events === undefined) return
    events.mayMiss = true
    this.behind.add(events)
  }

  /** Tells the peer how many events of each path it missed. */
  sendGaps (): void {
    const { options, wantsCounts } = this
    if (options === undefined) return
    const send = (path: string, gap: EventGap, count?: number): void => {
      const event = gapEvent(path, options.key, gap)
      options.send(encodeValue(count === undefined ? event : { ...event, count }))
    }
    for (const events of this.behind) {
      const { path, count, dropped: missed, mayMiss } = events
      if (missed > 0) send(path, { missed, reason: 'slow' }, wantsCounts ? count : undefined)
      if (mayMiss) send(path, { reason: 'disconnected' })
      events.dropped = 0
      events.mayMiss = false
    }
    this.behind.clear()
  }

  /**
   * This node leaves by this connection. The peer may go on by another one, so what is published until then is counted.
   *
   * @returns the last counts; undefined for a peer that did not ask for them
   */
  finish (): WireCounts | undefined {
    this.options?.subscribers?.groups.tellPending()
    this.sendGaps()
    this.setGroups([])
    const { finalCounts, caller, options } = this
    if (this.token === undefined) this.end()
    else options?.subscribers?.part({ caller, subscriber: this })
    return finalCounts
  }

  /** The connection is lost: nothing is sent from now on. */
  part (): void {
    this.lastCaller = this.caller
    this.options = undefined
  }

  /** Another connection of the peer takes the paths over, and ends this one; the rest leaves here. */
  handOver (): ReadonlyMap<string, PathEvents> {
    this.sendGaps()
    for (const events of this.paths.values()) events.dropped = 0
    this.moved = new Set(this.paths.keys())
    this.options?.onSubscribed?.()
    return this.paths
  }

  /** The peer gets no more events. */
  end (): void {
    this.setGroups([])
    this.paths = new Map()
    this.behind.clear()
    this.options?.onSubscribed?.()
  }

  private dropOf (events: PathEvents): void {
    events.count++
    events.dropped++
    this.behind.add(events)
    this.options?.onDropped()
  }

  /** Replaces the groups that the peer is in. */
  private setGroups (groups: readonly EventGroup[]): void {
    const index = this.options?.subscribers?.groups
    if (index === undefined || (groups.length === 0 && this.groups.length === 0)) return
    // A member is given events by the id of its node.
    const known = this.caller.node === undefined ? [] : groups
    index.replace(this, known)
    this.groups = known
  }

  private get counts (): WireCounts {
    return [...this.paths.values()].map(({ path, count }) => [path, count] as const)
  }

  /** Returns the subscriber that this one follows, if there was one. */
  private readParams (params: unknown): Subscriber | undefined {
    const fields = fieldsOf(params)
    const subscribers = this.options?.subscribers
    if (fields.counts !== true) return undefined
    this.wantsCounts = true
    this.asksForGroups = fields.groups !== undefined
    const resume = textField(fields, 'resume')
    const earlier = resume === undefined || resume === this.token ? undefined : subscribers?.take(resume, this.caller)
    this.resumed ||= earlier !== undefined
    this.token ??= subscribers?.add(this)
    return earlier
  }
}
