import { endOfPiece, pieceText } from './piece'

/** A message that is too long to leave whole. */
export interface LargeMessage {
  readonly text: string
  /** Sends a piece. @param number - that of the message among those of this node */
  readonly send: (number: number, body: string) => void
  /** Whether the receiver has read so much that it may get more; always, without it. */
  readonly mayLeave?: () => boolean
  /** Nothing of it is left here. */
  readonly onGone?: () => void
}

interface Leaving {
  readonly message: LargeMessage
  readonly number: number
  at: number
}

/** What {@link Departures} need of their node. */
export interface DeparturesOptions {
  /** Whether the server has taken so much that it may get more. */
  readonly hasRoom: () => boolean
  /** Characters that the server takes for sure in one message. */
  readonly maxLength: () => number
  /** All have left. */
  readonly onEmpty: () => void
}

/**
 * Large messages that leave in pieces: one of each receiver in turn, and no more at a time than the server takes soon.
 * So small messages, which leave at once, wait for no large one. Those of one receiver leave one after another, so that
 * it has to keep the parts of one alone.
 */
export class Departures {
  private readonly queues = new Map<object, Leaving[]>()
  private numbers = 0
  private isSending = false

  constructor (private readonly options: DeparturesOptions) {}

  get isEmpty (): boolean {
    return this.queues.size === 0
  }

  /** Takes a message. @param to - its receiver, or what else has one at a time */
  add (to: object, message: LargeMessage): void {
    const leaving = { message, number: ++this.numbers, at: 0 }
    const queue = this.queues.get(to)
    if (queue === undefined) this.queues.set(to, [leaving])
    else queue.push(leaving)
    this.sendOn()
  }

  /** Sends pieces while there is room for them. */
  sendOn (): void {
    this.sendWhile(() => this.options.hasRoom())
  }

  /** Sends all that is left, whether there is room or not. */
  finish (): void {
    this.sendWhile(() => true, true)
  }

  /** A message is not to arrive any more: its receiver is told, if a part has left. */
  giveUp (to: object, message: LargeMessage): void {
    const queue = this.queues.get(to)
    const leaving = queue?.find(each => each.message === message)
    if (queue === undefined || leaving === undefined) return
    if (leaving.at > 0) message.send(leaving.number, pieceText({ at: leaving.at, length: 0, text: '' }))
    this.remove(to, queue, leaving)
  }

  /** A receiver is lost: nothing more leaves for it. */
  forget (to: object): void {
    const queue = this.queues.get(to) ?? []
    this.queues.delete(to)
    for (const { message } of queue) message.onGone?.()
    if (queue.length > 0 && this.isEmpty) this.options.onEmpty()
  }

  /** The connection is lost: nothing more leaves, and nobody waits for that. */
  clear (): void {
    this.queues.clear()
  }

  private sendWhile (hasRoom: () => boolean, isLast = false): void {
    // What a piece brings about may be another message.
    if (this.isSending) return
    this.isSending = true
    try {
      while (hasRoom()) {
        const next = this.next(isLast)
        if (next === undefined) break
        this.sendPiece(...next)
      }
    } finally {
      this.isSending = false
    }
  }

  private next (isLast: boolean): readonly [to: object, queue: Leaving[]] | undefined {
    for (const [to, queue] of this.queues) {
      if (isLast || queue[0].message.mayLeave?.() !== false) return [to, queue]
    }
    return undefined
  }

  private sendPiece (to: object, queue: Leaving[]): void {
    const [leaving] = queue
    const { message: { text, send }, number, at } = leaving
    const end = endOfPiece(text, at, this.options.maxLength())
    leaving.at = end
    // To the end: others have their turn first.
    this.queues.delete(to)
    this.queues.set(to, queue)
    send(number, pieceText({ at, length: text.length, text: text.slice(at, end) }))
    if (end === text.length) this.remove(to, queue, leaving)
  }

  private remove (to: object, queue: Leaving[], leaving: Leaving): void {
    const at = queue.indexOf(leaving)
    if (at >= 0) queue.splice(at, 1)
    if (queue.length === 0 && this.queues.get(to) === queue) this.queues.delete(to)
    leaving.message.onGone?.()
    if (this.isEmpty) this.options.onEmpty()
  }
}
