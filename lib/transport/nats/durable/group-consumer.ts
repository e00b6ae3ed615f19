import { setTimeout as pause } from 'node:timers/promises'
import { RecentMap } from '../../../collections/recent-map'
import { messageOf } from '../../../printable'
import { Drain } from '../../drain'
import { attempt, pauseAfter, type Verdict } from '../../durable/attempt'
import { readStored } from '../../durable/stored-text'
import type { DurableGroup, OnStored, StoredEvent } from '../../event-store'
import { MalformedMessage } from '../../transport'
import { ACK, type JsApi, type JsConsumer, type JsMessage, type JsMessages } from './jetstream'

/** How long one question for events waits for them. */
const FETCH_MS = 10_000
/** Time until the server is asked again after a failure. */
const RETRY_MS = 200
/** Events that are fetched at a time, at most, and the time in which they should be handled. */
const MAX_BATCH = 64
const BATCH_MS = 50
/** With fewer deliveries of each event, none is fetched that would have to wait here. */
const FEW_DELIVERIES = 5
/** Handled events that are known: the server gives one again if it was not told. */
const MAX_RECENT = 1_000

/** What a {@link GroupConsumer} needs of its store. */
export interface GroupConsumerOptions {
  readonly group: DurableGroup
  readonly onStored: OnStored
  /** Opens what the server kept. @throws MalformedMessage */
  readonly open: (bytes: Uint8Array) => string
  /** Makes a dead letter of an event; resolves when it is kept. */
  readonly bury: (event: StoredEvent, reason: string) => Promise<void>
  /** The event can't be read. */
  readonly onUnreadable: (reason: string) => void
  /** The server does not give events; it is asked again. */
  readonly onFailure: (reason: string) => void
}

/** An event that waits here or is being handled, by its last delivery. */
interface Held {
  delivery: JsMessage
}

/**
 * Gives the events of one consumer of the server to a member of its group, a few at a time. What becomes of each is
 * told by whichever connection there is: an event stays with its member while a connection is made anew.
 */
export class GroupConsumer {
  private life = 0
  private isLeaving = false
  private readonly queue: Held[] = []
  /** All that the server has to know to be under way, by their numbers. */
  private readonly held = new Map<number, Held>()
  /** What the server has not been told so far, as there was no connection: the words by their subjects. */
  private readonly owed = new Map<string, string>()
  private say: JsApi['say'] | undefined
  /** When the server heard last that they are under way, by `performance.now()`. */
  private keptAt = 0
  private active = 0
  private messages: JsMessages | undefined
  private batch = 1
  private wake = (): void => {}
  /** When each was stored, by its number: a stream that is made anew counts from 1 again. */
  private readonly recent = new RecentMap<number, number>(MAX_RECENT)
  private readonly idle = new Drain(() => this.active === 0)
  private heartbeat: NodeJS.Timeout | undefined

  constructor (private readonly options: GroupConsumerOptions) {}

  /**
   * There is a connection.
   *
   * @param find - asks the server for the consumer, which is made if it is not there
   * @param say - tells the server what becomes of an event
   */
  begin (find: () => Promise<JsConsumer>, say: JsApi['say']): void {
    this.say = say
    for (const [subject, word] of [...this.owed]) this.tell(subject, word)
    this.keepHeld()
    if (this.isLeaving) return
    // An earlier question would take events, and give them back.
    void this.messages?.close().catch(() => {})
    this.heartbeat ??= setInterval(() => this.keepHeld(), this.options.group.ackTimeout / 3)
    void this.run(find, ++this.life)
  }

  /** The connection is lost. What waits here, or is being handled, goes on: the server waits for its end. */
  end (): void {
    this.life++
    this.say = undefined
    clearInterval(this.heartbeat)
    this.heartbeat = undefined
    this.wake()
  }

  /** Gets nothing new, and gives back what waits; resolves when what is under way is handled. */
  async leave (): Promise<void> {
    this.isLeaving = true
    for (const held of this.queue.splice(0)) this.settle(held, ACK.again())
    this.wake()
    await this.messages?.close().catch(() => {})
    await this.idle.wait()
    clearInterval(this.heartbeat)
  }

  private async run (find: () => Promise<JsConsumer>, life: number): Promise<void> {
    const isCurrent = (): boolean => life === this.life && !this.isLeaving
    while (isCurrent()) {
      try {
        const consumer = await find()
        while (isCurrent()) await this.fetch(consumer, isCurrent)
      } catch (error) {
        if (!isCurrent()) return
        this.options.onFailure(messageOf(error))
        await pause(RETRY_MS)
      }
    }
  }

  private async fetch (consumer: JsConsumer, isCurrent: () => boolean): Promise<void> {
    const { concurrency } = this.options.group
    const messages = await consumer.fetch({ max_messages: this.room(), expires: FETCH_MS })
    if (!isCurrent()) return void await messages.close()
    this.messages = messages
    for await (const message of messages) {
      if (isCurrent()) this.take(message)
      else this.tell(message.reply, ACK.again())
    }
    while (isCurrent() && this.active + this.queue.length >= concurrency) {
      await new Promise<void>(resolve => { this.wake = resolve })
    }
  }

  private take (delivery: JsMessage): void {
    const { seq } = delivery
    const known = this.held.get(seq)
    // The server heard nothing of it for too long, and gives it again.
    if (known !== undefined && isSame(known.delivery, delivery)) return void (known.delivery = delivery)
    const held: Held = { delivery }
    this.held.set(seq, held)
    this.queue.push(held)
    this.work()
  }

  /** How many events are fetched. One that waits here when this node leaves counts as given, though nobody got it. */
  private room (): number {
    const { concurrency, maxDeliveries } = this.options.group
    if (maxDeliveries < FEW_DELIVERIES) return Math.max(1, concurrency - this.active - this.queue.length)
    return Math.max(this.batch, concurrency)
  }

  private work (): void {
    const { concurrency } = this.options.group
    this.dropStale()
    while (this.active < concurrency) {
      const held = this.queue.shift()
      if (held === undefined) return
      this.active++
      const startedAt = performance.now()
      void this.handle(held).finally(() => {
        this.active--
        this.fit(performance.now() - startedAt)
        this.work()
        this.idle.check()
        this.wake()
      })
    }
  }

  /** A member that takes long gets one event at a time, so that others get theirs; a quick one gets many. */
  private fit (tookMs: number): void {
    const fitting = Math.max(1, Math.min(MAX_BATCH, Math.floor(BATCH_MS / Math.max(tookMs, 0.1))))
    this.batch = Math.min(fitting, this.batch * 2)
  }

  /** The server may have given to others by now what waits here, if it has heard nothing of it for too long. */
  private dropStale (): void {
    if (performance.now() - this.keptAt < this.options.group.ackTimeout) return
    for (const held of this.queue.splice(0)) this.held.delete(held.delivery.seq)
  }

  private async handle (held: Held): Promise<void> {
    const { delivery: { seq, time } } = held
    if (this.recent.get(seq) === time.getTime()) return this.settle(held, ACK.handled)
    const stored = this.read(held)
    if (stored === undefined) return
    const { group, onStored, bury, onFailure } = this.options
    let verdict: Verdict = await attempt(group, stored, onStored)
    if (verdict.kind === 'dead') {
      const { reason } = verdict
      const again: Verdict = { kind: 'again', pauseMs: pauseAfter(stored.delivery) }
      verdict = await bury(stored, reason).then(() => HANDLED, (error: unknown) => {
        onFailure(`a dead letter was not stored: ${messageOf(error)}`)
        return again
      })
    }
    if (verdict.kind === 'again') {
      const { pauseMs } = verdict
      return this.settle(held, ACK.again(pauseMs))
    }
    // Also where the server seems to be told: the connection may break before it is.
    this.recent.set(seq, time.getTime())
    this.settle(held, ACK.handled)
  }

  /** Reads an event; what can't be read is looked at again, as another node may know the secret, and then let go. */
  private read (held: Held): StoredEvent | undefined {
    const { group, open, onUnreadable } = this.options
    const { data, seq: sequence, time, info: { deliveryCount: delivery } } = held.delivery
    try {
      const event = readStored(open(data))
      if (event.path !== group.path || event.event !== group.event) throw new MalformedMessage('it is another event')
      return { message: event, sequence, time, delivery }
    } catch (error) {
      onUnreadable(messageOf(error))
      this.settle(held, delivery < group.maxDeliveries ? ACK.again(pauseAfter(delivery)) : ACK.never)
      return undefined
    }
  }

  /** Nothing more is done with an event. */
  private settle ({ delivery: { seq, reply } }: Held, word: string): void {
    this.held.delete(seq)
    this.tell(reply, word)
  }

  /** Tells the server what becomes of an event, now or by the next connection. Returns whether it is told. */
  private tell (subject: string, word: string): boolean {
    this.owed.delete(subject)
    try {
      if (this.say !== undefined) {
        this.say(subject, word)
        return true
      }
    } catch {
      // The connection is lost, and this node learns of it in a moment.
    }
    if (word !== ACK.working) this.owed.set(subject, word)
    return false
  }

  private keepHeld (): void {
    this.dropStale()
    const isTold = [...this.held.values()].every(({ delivery }) => this.tell(delivery.reply, ACK.working))
    if (isTold) this.keptAt = performance.now()
  }
}

/** Whether both are of one event: a stream that is made anew counts from 1 again. */
function isSame (one: JsMessage, other: JsMessage): boolean {
  return one.seq === other.seq && one.time.getTime() === other.time.getTime()
}

const HANDLED: Verdict = { kind: 'handled' }
