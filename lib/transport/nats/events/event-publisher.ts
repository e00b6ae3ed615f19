import { NONE } from '../inbox-head'
import type { Subjects } from '../subjects'
import { messageText } from '../message-text'
import type { NatsPeer } from '../nats-peer'
import type { Departures } from '../pieces/departures'
import type { OrderedLane } from '../pieces/ordered-lane'
import { PathSubscribers } from '../../session/events/publish'
import type { Subscribers } from '../../session/events/subscribers'
import type { GroupChoice } from '../../event-groups'
import type { Audience, EventMessage } from '../../transport'
import type { EncodedValue } from '../../values/encode-value'

/** Characters of events that travel as one message, at most. */
const MAX_BATCH = 64 * 1024
/** Characters of an event that travels whole, at most. */
const MAX_WHOLE = 256 * 1024
/** Characters of the names of who passes an event over; beyond them it goes to each receiver alone. */
const EXCEPT_LENGTH = 2_048

/** What an {@link EventPublisher} needs of its transport. */
export interface EventPublisherOptions {
  readonly subjects: Subjects
  readonly subscribers: Subscribers
  /** The key of this node. */
  readonly key: string
  readonly peers: () => Iterable<NatsPeer>
  /** Sends events on their subject; `except` names the nodes that are to pass them over. */
  readonly send: (subject: string, except: string, texts: string) => void
  /** Sends what has to come before the next event. */
  readonly flushOrdered: () => void
  /** Something waits to leave. */
  readonly onWaiting: () => void
  readonly maxMessageSize: number
  readonly departures: Departures
  /** Keeps the order of events. */
  readonly lane: OrderedLane
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: () => number
}

/** What peers are to get of one event: each one's place is that in the other list. */
interface Collected {
  readonly peers: NatsPeer[]
  readonly events: EncodedValue[]
}

interface Batch {
  readonly subject: string
  /** The nodes that hear the subject, and are not to take these events from there. */
  readonly except: string
  readonly texts: string[]
  length: number
}

/**
 * Publishes an event once for all that get the same, whatever their number. Who gets something else, as a member of a
 * group, or nothing for now, as it reads too slowly, is named in the message and passes it over.
 */
export class EventPublisher {
  private batch: Batch | undefined
  private collected: Collected | undefined

  /** To be told of each change. */
  readonly pathSubscribers: PathSubscribers<NatsPeer>

  constructor (private readonly options: EventPublisherOptions) {
    this.pathSubscribers = new PathSubscribers(options.peers)
  }

  /** Keeps what a peer is to get while an event is being published. */
  collect (peer: NatsPeer, event: EncodedValue): boolean {
    const { collected } = this
    if (collected === undefined) return false
    collected.peers.push(peer)
    collected.events.push(event)
    return true
  }

  /** Publishes an event. @param reach - which peers may hear it, and which members of groups get it */
  publish (message: EventMessage, reach: Audience | GroupChoice | undefined): void {
    const { subscribers, maxMessageSize } = this.options
    const audience = typeof reach === 'object' ? reach.audience : reach
    const collected: Collected = this.collected = { peers: [], events: [] }
    let shared: EncodedValue | undefined
    try {
      shared = subscribers.publish(message, this.pathSubscribers, reach, maxMessageSize)
    } finally {
      this.collected = undefined
    }
    // What not everybody may hear goes to each on a subject of its own.
    this.distribute(message, collected, audience === undefined ? shared : undefined)
  }

  /** Sends the events that have gathered. */
  flush (): void {
    const { batch } = this
    this.batch = undefined
    if (batch === undefined) return
    this.options.send(batch.subject, batch.except, batch.texts.join(''))
  }

  /** The events that have gathered reach nobody any more. */
  drop (): void {
    this.batch = undefined
  }

  private distribute (message: EventMessage, { peers, events }: Collected, shared: EncodedValue | undefined): void {
    const receivers: NatsPeer[] = []
    peers.forEach((peer, n) => {
      if (events[n] === shared) receivers.push(peer)
      else peer.sendDirectly(events[n])
    })
    if (shared === undefined || receivers.length === 0) return
    const except = this.exceptFor(message.path, receivers)
    if (except.length > EXCEPT_LENGTH) {
      for (const peer of receivers) peer.sendDirectly(shared)
      return
    }
    const text = messageText('event', 0, shared)
    this.options.lane.run(text.length, () => this.add(message, text, receivers, except))
  }

  private add ({ path, event }: EventMessage, text: string, receivers: readonly NatsPeer[], except: string): void {
    const { subjects, flushOrdered, onWaiting, maxLength } = this.options
    flushOrdered()
    const subject = subjects.event(this.options.key, path, event)
    if (text.length > Math.min(MAX_WHOLE, maxLength())) return this.depart({ subject, except }, text, receivers)
    const { batch } = this
    const fits = batch !== undefined && batch.length + text.length <= Math.min(MAX_BATCH, maxLength())
    if (fits && batch.subject === subject && batch.except === except) {
      batch.texts.push(text)
      batch.length += text.length
    } else {
      this.flush()
      this.batch = { subject, except, texts: [text], length: text.length }
      onWaiting()
    }
    for (const peer of receivers) peer.count(text.length)
  }

  /** A long event leaves in pieces, and those that follow wait for it. */
  private depart (
    { subject, except }: Pick<Batch, 'subject' | 'except'>, text: string, receivers: readonly NatsPeer[]
  ): void {
    const { departures, lane, send, flushOrdered } = this.options
    this.flush()
    lane.block()
    departures.add(lane, {
      text,
      send: (number, body) => {
        const piece = messageText('piece', number, body)
        // It may need the key of events that they are told now.
        flushOrdered()
        send(subject, except, piece)
        for (const peer of receivers) peer.count(piece.length)
      },
      onGone: () => lane.release()
    })
  }

  /** Those that the subject reaches, and that are not to hear this event from there. */
  private exceptFor (path: string, receivers: readonly NatsPeer[]): string {
    const subscribers = this.pathSubscribers.of(path)
    const except = [...this.pathSubscribers.movedFrom(path)]
    if (except.length === 0 && receivers.length === subscribers.length) return NONE
    // Receivers are in the order of subscribers.
    let next = 0
    for (const { target, events } of subscribers) {
      if (receivers[next] === target) next++
      else if (events.isPlain) except.push(target)
    }
    return except.length === 0 ? NONE : except.map(({ options: { token } }) => token).join(',')
  }
}
