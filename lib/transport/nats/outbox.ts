import type { RequestId } from '../session/served-calls'
import { messageText, type InboxMessage } from './message-text'

/** Characters of messages that travel as one, at most; a longer one travels alone. */
const MAX_BATCH = 64 * 1024
/** How many batches are remembered with the requests in them, the last ones. */
const MAX_REMEMBERED = 1_024

/** Sends a batch: its text, and the number by which the server names it if nobody listens. */
export type SendBatch = (text: string, batch: number) => void

/** Requests in a batch. */
interface SentBatch {
  readonly batch: number
  readonly ids: readonly number[]
}

const NO_IDS: readonly number[] = []

/** What waits to leave for one peer: the messages of one tick travel as one. */
export class Outbox {
  private texts: string[] = []
  private length = 0
  private ids: number[] = []
  private batches = 0
  private readonly sent: SentBatch[] = []

  /**
   * @param send - sends what has gathered
   * @param maxLength - characters that the server takes for sure in one message
   */
  constructor (private readonly send: SendBatch, private readonly maxLength: number) {}

  get isEmpty (): boolean {
    return this.texts.length === 0
  }

  /** Adds a message; what would not fit with it leaves first. */
  add (kind: InboxMessage, id: RequestId, body: unknown): void {
    const text = messageText(kind, id, body)
    if (this.length + text.length > Math.min(MAX_BATCH, this.maxLength)) this.flush()
    this.texts.push(text)
    this.length += text.length
    if (kind === 'request') this.ids.push(Number(id))
  }

  /** Sends what has gathered. */
  flush (): void {
    const { texts, ids, length } = this
    if (length === 0) return
    this.texts = []
    this.length = 0
    const batch = ++this.batches
    if (ids.length > 0) {
      this.ids = []
      this.sent[batch % MAX_REMEMBERED] = { batch, ids }
    }
    this.send(texts.length === 1 ? texts[0] : texts.join(''), batch)
  }

  /** The requests of a batch that nobody got; they are named once. */
  requestsOf (batch: number): readonly number[] {
    const { [batch % MAX_REMEMBERED]: sent } = this.sent
    if (sent?.batch !== batch) return NO_IDS
    this.sent[batch % MAX_REMEMBERED] = { batch: 0, ids: NO_IDS }
    return sent.ids
  }
}
