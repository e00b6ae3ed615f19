import { setTimeout as pause } from 'node:timers/promises'
import { RecentMap } from '../../../collections/recent-map'
import { messageOf } from '../../../printable'
import { Drain } from '../../drain'
import { attempt, pauseAfter, type Verdict } from '../../durable/attempt'
import { readStored } from '../../durable/stored-text'
import type { DurableGroup, OnStored, StoredEvent } from '../../event-store'
import { MalformedMessage } from '../../transport'
import type { JsConsumer, JsMessage, JsMessages } from './jetstream'

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

/** Gives the events of one consumer of the server to a member of its group, a few at a time. */
export class GroupConsumer {
  private life = 0
  private isLeaving = false
  private readonly queue: JsMessage[] = []
  /** Those that the server has to know to be under way: they wait here, or are being handled. */
  private readonly held = new Set<JsMessage>()
  private active = 0
  private messages: JsMessages | undefined
  private batch = 1
  private wake = (): void => {}
  /** When each was stored, by its number: a stream that is made anew counts from 1 again. */
  private readonly recent = new RecentMap<number, number>(MAX_RECENT)
  private readonly idle = new Drain(() => this.active === 0)
  private heartbeat: NodeJS.Timeout | undefined

  constructor (private readonly options: GroupConsumerOptions) {}

  /** There is a connection. @param find - asks the server for the consumer, which is made if it is not there */
  begin (find: () => Promise<JsConsumer>): void {
    if (this.isLeaving) return
    // An earlier question would take events, and give them back.
    void this.messages?.close().catch(() => {})
    this.heartbeat ??= setInterval(() => this.keepHeld(), this.options.group.ackTimeout / 3)
    void this.run(find, ++this.life)
  }

  /** The connection is lost, and with it what waits here: the server gives it again. */
  end (): void {
    this.life++
    clearInterval(this.heartbeat)
    this.heartbeat = undefined
    this.queue.splice(0)
    this.held.clear()
    this.wake()
  }

  /** Gets nothing new, and gives back what waits; resolves when what is under way is handled. */
  async leave (): Promise<void> {
    this.isLeaving = true
    for (const message of this.queue.splice(0)) this.tell(message, () => message.nak())
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
      if (!isCurrent()) {
        this.tell(message, () => message.nak())
        continue
      }
      this.held.add(message)
      this.queue.push(message)
      this.work()
    }
    while (isCurrent() && this.active + this.queue.length >= concurrency) {
      await new Promise<void>(resolve => { this.wake = resolve })
    }
  }

  /** How many events are fetched. One that waits here when this node leaves counts as given, though nobody got it. */
  private room (): number {
    const { concurrency, maxDeliveries } = this.options.group
    if (maxDeliveries < FEW_DELIVERIES) return Math.max(1, concurrency - this.active - this.queue.length)
    return Math.max(this.batch, concurrency)
  }

  private work (): void {
    const { concurrency } = this.options.group
    while (this.active < concurrency) {
      const message = this.queue.shift()
      if (message === undefined) return
      this.active++
      const startedAt = performance.now()
      void this.handle(message).finally(() => {
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

  private async handle (message: JsMessage): Promise<void> {
    if (this.recent.get(message.seq) === message.time.getTime()) return this.tell(message, () => message.ack())
    const stored = this.read(message)
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
      return this.tell(message, () => message.nak(pauseMs))
    }
    // Also where the server seems to be told: the connection may break before it is.
    this.recent.set(message.seq, message.time.getTime())
    this.tell(message, () => message.ack())
  }

  /** Reads an event; what can't be read is looked at again, as another node may know the secret, and then let go. */
  private read (message: JsMessage): StoredEvent | undefined {
    const { group, open, onUnreadable } = this.options
    const { data, seq: sequence, time, info: { deliveryCount: delivery } } = message
    try {
      const event = readStored(open(data))
      if (event.path !== group.path || event.event !== group.event) throw new MalformedMessage('it is another event')
      return { message: event, sequence, time, delivery }
    } catch (error) {
      onUnreadable(messageOf(error))
      if (delivery < group.maxDeliveries) this.tell(message, () => message.nak(pauseAfter(delivery)))
      else this.tell(message, () => message.term())
      return undefined
    }
  }

  /** Tells the server what became of an event; a connection that is lost tells nothing. */
  private tell (message: JsMessage, tell: () => void): void {
    this.held.delete(message)
    try {
      tell()
    } catch {
      // The server gives the event again.
    }
  }

  private keepHeld (): void {
    for (const message of this.held) {
      try {
        message.working()
      } catch {
        // As above.
      }
    }
  }
}

const HANDLED: Verdict = { kind: 'handled' }
