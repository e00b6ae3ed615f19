import type { RequestId } from '../session/served-calls'
import { messageText, type InboxMessage } from './message-text'
import type { Departures, LargeMessage } from './pieces/departures'

/** Characters of messages that travel as one, at most; a longer one travels alone. */
const MAX_BATCH = 64 * 1024
/** Characters of a message that travels whole, at most: small ones do not wait behind a longer one. */
const MAX_WHOLE = 256 * 1024
/** How many batches are remembered with the requests in them, the last ones. */
const MAX_REMEMBERED = 1_024

/** What an {@link Outbox} needs of its peer. */
export interface OutboxOptions {
  /** Sends a batch: its text, and the number by which the server names it if nobody listens. */
  readonly send: (text: string, batch: number) => void
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: number
  readonly departures: Departures
  /** Whether the peer has read so much that it may get pieces. */
  readonly mayLeave: () => boolean
}

/** Requests in a batch. */
interface SentBatch {
  readonly batch: number
  readonly ids: readonly number[]
}

/** A message in pieces. */
interface Large extends LargeMessage {
  readonly request: number | undefined
}

const NO_IDS: readonly number[] = []

/** What waits to leave for one peer: the messages of one tick travel as one, and long ones in pieces. */
export class Outbox {
  /** Characters of long messages that have not left. */
  waiting = 0
  private texts: string[] = []
  private length = 0
  private ids: number[] = []
  private batches = 0
  private readonly sent: SentBatch[] = []
  /** Long messages that leave with the next batch, behind it. */
  private large: Large[] = []
  /** Long requests that have not left, by their ids. */
  private readonly requests = new Map<number, Large>()
  /** The receiver of long messages that keep the order of events: others of the peer do not hold them up. */
  private readonly orderedLane = {}

  constructor (private readonly options: OutboxOptions) {}

  get isEmpty (): boolean {
    return this.texts.length === 0 && this.large.length === 0
  }

  /**
   * Adds a message; what would not fit with it leaves first.
   *
   * @param onGone - a long message has left: what has to come behind it may follow. Without it, none has to
   * @returns whether it is a long one
   */
  add (kind: InboxMessage, id: RequestId, body: unknown, onGone?: () => void): boolean {
    const text = messageText(kind, id, body)
    const { maxLength } = this.options
    if (text.length > Math.min(MAX_WHOLE, maxLength)) {
      this.addLarge(text, kind === 'request' ? Number(id) : undefined, onGone)
      return true
    }
    if (this.length + text.length > Math.min(MAX_BATCH, maxLength)) this.flushBatch()
    this.texts.push(text)
    this.length += text.length
    if (kind === 'request') this.ids.push(Number(id))
    return false
  }

  /** Sends what has gathered. */
  flush (): void {
    this.flushBatch()
    const { large, options: { departures } } = this
    if (large.length === 0) return
    this.large = []
    for (const each of large) departures.add(this.laneOf(each), each)
  }

  /** Gives a long request up. @returns whether there was one that had not left */
  giveUp (id: number): boolean {
    const large = this.requests.get(id)
    if (large === undefined) return false
    this.requests.delete(id)
    const at = this.large.indexOf(large)
    if (at < 0) this.options.departures.giveUp(this.laneOf(large), large)
    else {
      this.large.splice(at, 1)
      large.onGone?.()
    }
    return true
  }

  /** The peer is lost: nothing more leaves for it. */
  close (): void {
    const { large, options: { departures } } = this
    this.large = []
    for (const each of large) each.onGone?.()
    for (const lane of [this, this.orderedLane]) departures.forget(lane)
  }

  /** The requests of a batch that nobody got; they are named once. */
  requestsOf (batch: number): readonly number[] {
    const { [batch % MAX_REMEMBERED]: sent } = this.sent
    if (sent?.batch !== batch) return NO_IDS
    this.sent[batch % MAX_REMEMBERED] = { batch: 0, ids: NO_IDS }
    // A message is put together of all of its pieces.
    for (const id of sent.ids) this.giveUp(id)
    return sent.ids
  }

  private flushBatch (): void {
    const { texts, ids, length } = this
    if (length === 0) return
    this.texts = []
    this.length = 0
    this.ids = []
    this.send(texts.length === 1 ? texts[0] : texts.join(''), ids)
  }

  private send (text: string, ids: readonly number[]): void {
    const batch = ++this.batches
    if (ids.length > 0) this.sent[batch % MAX_REMEMBERED] = { batch, ids }
    this.options.send(text, batch)
  }

  private addLarge (text: string, request: number | undefined, onGone: (() => void) | undefined): void {
    const ids = request === undefined ? NO_IDS : [request]
    let left = text.length
    this.waiting += left
    const large: Large = {
      text,
      request,
      send: (number, body) => {
        const sent = Math.min(left, body.length)
        left -= sent
        this.waiting -= sent
        this.send(messageText('piece', number, body), ids)
      },
      // Events of one peer must not wait for another one that reads slowly.
      mayLeave: onGone === undefined ? this.options.mayLeave : undefined,
      onGone: () => {
        this.waiting -= left
        left = 0
        if (request !== undefined) this.requests.delete(request)
        onGone?.()
      }
    }
    if (request !== undefined) this.requests.set(request, large)
    this.large.push(large)
  }

  private laneOf ({ mayLeave }: Large): object {
    return mayLeave === undefined ? this.orderedLane : this
  }
}
