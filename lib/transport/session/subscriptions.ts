import type { Contract } from '../../contract/contract'
import { gapEvent } from '../messages/event'
import { GAP, type EventGap, type EventMessage } from '../transport'
import {
  addCounts, HeardEvents, readCounts, readSubscriptionAnswer, type EventCounts, type SubscriptionAnswer
} from './events/event-counts'
import { DesiredEvents } from './events/desired-events'
import { FirstMeeting } from './events/first-meeting'
import { HeldEvents } from './events/held-events'
import type { NextSource } from './events/next-source'
import { OpenQuestion } from './events/open-question'
import type {
  EventSource, KeptSubscriptions, PeerSubscriptions, SubscriptionsOptions
} from './events/subscriptions-options'

/**
 * What this node wants to hear of one peer. It counts what it hears, so that it knows each hole in the peer's events:
 * the peer tells its own count when it answers, after a pause and when it leaves.
 */
export class Subscriptions implements PeerSubscriptions {
  private wanted = new DesiredEvents()
  /** What the peer was told last, and by what. */
  private told = new DesiredEvents()
  private source: EventSource | undefined
  private readonly question = new OpenQuestion()
  /** What events are taken from. */
  private active: EventSource | undefined
  private next: NextSource | undefined
  /** How many events the active source brings, where the peer has moved to another one that broke. */
  private end: EventCounts | undefined
  private heard: HeardEvents
  private token: string | undefined
  /** Whether the peer told its last counts: nothing is missing when its connection ends. */
  private isComplete = false
  /** Whether events may have been missed since a connection was lost. */
  protected wasLost: boolean
  private hasFailed = false
  private peerKnowsGroups = true
  private readonly meeting = new FirstMeeting()

  constructor (private readonly options: SubscriptionsOptions) {
    const { isReturning, kept } = options
    this.wasLost = isReturning
    this.token = kept?.token
    this.heard = kept?.heard ?? new HeardEvents()
  }

  get isActive (): boolean { return this.subscribed.size > 0 }

  get kept (): KeptSubscriptions { return { token: this.token, heard: this.heard } }

  isFedBy (source: EventSource): boolean { return this.isActive && this.sources.includes(source) }

  /** What events come by, or are about to. */
  protected get sources (): Array<EventSource | undefined> { return [this.active, this.source, this.next?.source] }

  get peerCounts (): boolean { return this.token !== undefined }

  /** Sends the peer the paths of its events that this node wants, if they or the connection in use changed. */
  sync (contracts: readonly Contract[]): void {
    const all = DesiredEvents.of(contracts, this.options.interest, this.options.key)
    const wanted = this.peerKnowsGroups ? all : all.withoutGroups
    if (wanted.paths.size === 0 && this.wanted.paths.size === 0) return
    const source = this.options.source()
    if (source === this.source && !this.hasFailed && wanted.isSame(this.wanted)) return
    this.wanted = wanted
    this.source = source
    this.hasFailed = false
    const { isEnding, asked } = this.question
    // The peer sends events by the first one as soon as it has heard of it: another one goes on from its count.
    if (!isEnding && source !== asked && (asked === undefined || this.active !== undefined)) this.ask(source)
  }

  retry (contracts: readonly Contract[]): void {
    if (this.hasFailed) this.sync(contracts)
  }

  async settled (): Promise<void> { await this.question.settled() }

  receive (source: EventSource, message: EventMessage, bytes = 0): void {
    const isPlain = source === this.active && this.next === undefined && message.event !== GAP
    if (isPlain) this.hear(message)
    else this.receiveBetween(source, message, bytes)
  }

  check (source: EventSource, answer: unknown): void {
    if (source !== this.active || this.next !== undefined) return
    const counts = readCounts(answer, this.subscribed)
    if (counts !== undefined) this.settle(counts, 'slow')
  }

  finish (source: EventSource, answer: unknown): void {
    const counts = readCounts(answer, this.subscribed)
    if (counts === undefined) return
    if (source === this.next?.source) this.next.finalCounts = counts
    else if (source === this.active && this.next === undefined) this.complete(counts)
  }

  /** Nothing more comes by a source. What is missing of the paths that were heard there is told at once. */
  close (source: EventSource): void {
    if (source === this.source) this.source = undefined
    const { next } = this
    if (next?.source === source) {
      // What is held of a connection that broke is told as missed by the next one.
      if (next.finalCounts === undefined) [this.next, this.end] = [undefined, next.end]
      else next.closed = true
    }
    if (source !== this.active) return
    this.active = undefined
    if (this.next !== undefined) return this.advance(this.next)
    if (this.isComplete) return
    this.wasLost = true
    this.onLost()
  }

  /** What the events came by is lost. */
  protected onLost (): void { this.tellLoss() }

  /** Events of the peer may be missed that nobody counts. */
  protected tellLoss (): void {
    for (const path of this.subscribed) this.tellGap(path, { reason: 'disconnected' })
  }

  /** The paths that the peer was told last. */
  private get subscribed (): ReadonlySet<string> { return this.told.paths }

  private ask (source: EventSource): void {
    if (this.active === undefined || this.active === source || this.peerCounts) this.send(source)
    else this.endBefore(this.active)
  }

  private send (source: EventSource): void {
    const { token, wanted } = this
    this.told = wanted
    this.question.asked = source
    const resume = token === undefined || source === this.active ? {} : { resume: token }
    this.options.send(source, [...wanted.plain], { counts: true, ...resume, ...wanted.params }, {
      settle: answer => {
        this.question.answered(source)
        const read = readSubscriptionAnswer(answer, this.subscribed)
        if (read?.knowsGroups !== true && wanted.groups.length > 0) this.forgetGroups(wanted.groups[0].path)
        this.onAnswer(source, read)
        this.sendChange()
        this.question.check()
      },
      fail: () => {
        this.question.answered(source)
        if (this.source === source) this.hasFailed = true
        else this.sendChange()
        this.question.check()
      }
    })
  }

  /** Tells the peer what changed before it answered, also the source: a path that came and went makes no change. */
  private sendChange (): void {
    const { question, wanted, told, source, active, next } = this
    if (source === undefined || question.isOpen) return
    const isTold = source === active || source === next?.source
    if (!isTold || !wanted.isSame(told)) this.ask(source)
  }

  /** The peer is an old node: it gives no event to a group, so no listener of one hears it, nor misses anything. */
  private forgetGroups (path: string): void {
    this.peerKnowsGroups = false
    this.wanted = this.wanted.withoutGroups
    this.told = this.told.withoutGroups
    this.options.onGroupsUnknown?.(path)
  }

  /** A peer that does not count stops sending by its old connection before it sends by a new one. */
  private endBefore (old: EventSource): void {
    this.question.isEnding = true
    const goOn = (): void => {
      this.question.isEnding = false
      if (this.source !== undefined) this.send(this.source)
      this.question.check()
    }
    this.options.send(old, [], { counts: true }, { settle: goOn, fail: goOn })
  }

  private onAnswer (source: EventSource, answer: SubscriptionAnswer | undefined): void {
    if (source === this.active) return this.onChanged(answer)
    if (source === this.next?.source) return addCounts(this.next.counts, answer?.counts)
    // The subscription has moved on since.
    if (source !== this.source && this.active !== undefined) return this.options.onReleased?.(source)
    if (this.next !== undefined) this.advance(this.next)
    this.moveTo(source, answer)
  }

  private moveTo (source: EventSource, answer: SubscriptionAnswer | undefined): void {
    if (this.active !== undefined && answer?.resumed === true) {
      this.token = answer.token
      const { counts } = answer
      this.next = { source, counts: new Map(counts), end: this.end ?? counts, held: new HeldEvents(), closed: false }
      return this.advanceIfReached()
    }
    const before = this.active
    this.begin(source, answer, before !== undefined || this.wasLost)
    if (before !== undefined) this.options.onReleased?.(before)
  }

  /** Listeners that were there before this node knew the peer missed what that published before they subscribed. */
  private tellEarlier (answer: SubscriptionAnswer | undefined): void {
    for (const path of this.subscribed) {
      const since = this.options.interest.since?.(path)
      this.tellMissing(path, this.meeting.missed(path, since, answer?.earlier.get(path)), 'disconnected')
    }
  }

  /** The peer knows the new paths, by the connection in use. */
  private onChanged (answer: SubscriptionAnswer | undefined): void {
    this.tellEarlier(answer)
    if (answer !== undefined) this.settle(answer.counts, 'slow')
    this.heard.keep(this.subscribed)
    this.meeting.add(this.subscribed)
  }

  /** Takes events by a source, after a pause in which some may have been missed. */
  protected begin (source: EventSource, answer: SubscriptionAnswer | undefined, mayHaveMissed: boolean): void {
    [this.active, this.end] = [source, undefined]
    this.isComplete = this.wasLost = false
    this.token = answer?.token
    const isResumed = answer?.resumed === true
    if (!isResumed) this.heard = new HeardEvents()
    if (answer !== undefined) this.settle(answer.counts, 'disconnected')
    this.heard.keep(this.subscribed)
    if (!mayHaveMissed) this.tellEarlier(answer)
    this.meeting.add(this.subscribed)
    if (!isResumed && mayHaveMissed) this.tellLoss()
  }

  /** An event that is none, or that comes while the peer moves from one connection to another. */
  private receiveBetween (source: EventSource, message: EventMessage, bytes: number): void {
    if (source === this.next?.source) return this.hold(this.next, message, bytes)
    // The subscription has moved from there, and the count of the peer has what was missed.
    if (source !== this.active) return
    if (message.event === GAP) this.receiveGap(message)
    else this.hear(message)
    this.advanceIfReached()
  }

  private receiveGap ({ path, args: [gap], count }: EventMessage): void {
    // The peer may name any path, and what is counted is kept.
    if (!this.subscribed.has(path)) return
    // The reader of messages made it.
    const { missed, reason } = gap as EventGap
    if (count === undefined) return this.tellGap(path, missed === undefined ? { reason } : { missed, reason })
    this.tellMissing(path, this.heard.settle(path, count), reason)
  }

  private hear (message: EventMessage): void {
    this.heard.add(message.path)
    this.options.onEvent(message)
  }

  private hold (next: NextSource, message: EventMessage, bytes: number): void {
    next.held.add(message, bytes)
    if (next.held.isOverfull) this.advance(next)
  }

  private advanceIfReached (): void {
    if (this.next !== undefined && this.heard.reaches(this.next.end)) this.advance(this.next)
  }

  /** Takes events by the source that the subscription has moved to; what has not come by the old one is missing. */
  private advance ({ source, counts, held, finalCounts, closed }: NextSource): void {
    const { active } = this
    this.next = this.end = undefined
    this.active = source
    this.settle(counts, 'disconnected')
    this.heard.keep(this.subscribed)
    for (const message of held.all) this.receive(source, message)
    if (finalCounts !== undefined) this.complete(finalCounts)
    if (active !== undefined) this.options.onReleased?.(active)
    if (closed) this.close(source)
  }

  private complete (counts: EventCounts): void {
    this.settle(counts, 'disconnected')
    // Other paths may have gone on by a connection that broke.
    this.isComplete = this.heard.areIn(counts)
  }

  private settle (counts: EventCounts, reason: EventGap['reason']): void {
    for (const path of this.subscribed) {
      const count = counts.get(path)
      if (count !== undefined) this.tellMissing(path, this.heard.settle(path, count), reason)
    }
  }

  private tellMissing (path: string, missed: number, reason: EventGap['reason']): void {
    if (missed > 0) this.tellGap(path, { missed, reason })
  }

  private tellGap (path: string, gap: EventGap): void {
    this.options.onEvent(gapEvent(path, this.options.key, gap))
  }
}
