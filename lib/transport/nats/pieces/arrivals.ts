import type { UnfinishedMessage, UnfinishedMessages } from '../../messages/unfinished-messages'
import type { RejectionReason } from '../../rejections'
import { MalformedMessage } from '../../transport'
import { readPiece, type Piece } from './piece'

/** How many messages of one peer come in pieces at a time: one in the order of its events, and one beside it. */
const MAX_AT_ONCE = 2
/** Bytes that a message has beside its contents: its first line. */
const HEAD_BYTES = 256

/** What {@link Arrivals} need of their peer. */
export interface ArrivalsOptions {
  /** A message has fewer bytes than this. */
  readonly maxMessageSize: number
  /** The messages of all peers that wait for their rest. */
  readonly unfinished: UnfinishedMessages
  /** Whether they come where this node may have begun to listen in the middle of one. */
  readonly isShared: boolean
  /** A message is not taken. @param beginning - its first piece */
  readonly onRefused: (reason: RejectionReason, beginning: string) => void
}

/** A message of which a part has come. */
class Coming implements UnfinishedMessage {
  unfinishedBytes = 0
  earlier: UnfinishedMessage | undefined
  later: UnfinishedMessage | undefined
  readonly parts: Buffer[] = []
  at = 0
  isRefused = false

  constructor (
    readonly length: number, readonly beginning: string, private readonly refuse: (message: Coming) => void
  ) {}

  giveUp (): void {
    this.refuse(this)
  }
}

/**
 * Puts messages of a peer together of their pieces. It keeps what has come and nothing else, so that a length alone
 * costs nothing. Pieces come in order, so one that does not follow the last one ends its message.
 */
export class Arrivals {
  private readonly coming = new Map<number, Coming>()

  constructor (private readonly options: ArrivalsOptions) {}

  /**
   * Takes a piece.
   *
   * @param number - that of the message among those of the peer
   * @returns the message, if it is whole now
   * @throws {@link MalformedMessage} for what is no piece, and for one of a message that is not known
   */
  take (number: number, body: unknown): string | undefined {
    const piece = readPiece(body)
    if (piece.length === 0) {
      this.drop(number)
      return undefined
    }
    const message = piece.at === 0 ? this.begin(number, piece) : this.coming.get(number)
    if (message !== undefined) return this.add(number, message, piece)
    if (!this.options.isShared) throw new MalformedMessage('a piece of a message that did not begin here')
    return undefined
  }

  /** The peer is lost: the rest does not come. */
  clear (): void {
    for (const number of [...this.coming.keys()]) this.drop(number)
  }

  private begin (number: number, { length, text }: Piece): Coming {
    const { unfinished, onRefused, maxMessageSize } = this.options
    const same = this.coming.get(number)
    if (same !== undefined) this.refuse(same, 'malformedFrame')
    this.drop(number)
    for (const [first, message] of this.coming) {
      if (this.coming.size < MAX_AT_ONCE) break
      if (!message.isRefused) this.refuse(message, 'malformedFrame')
      this.drop(first)
    }
    // What it is can be read of its first line. Copied: a part of a text keeps all of it.
    const beginning = Buffer.from(text.slice(0, HEAD_BYTES)).toString()
    const message = new Coming(length, beginning, each => this.refuse(each, 'unfinishedMessage'))
    this.coming.set(number, message)
    if (length >= maxMessageSize + HEAD_BYTES) {
      message.isRefused = true
      unfinished.delete(message)
      onRefused('overlongMessage', beginning)
    }
    return message
  }

  private add (number: number, message: Coming, piece: Piece): string | undefined {
    const { unfinished, maxMessageSize } = this.options
    const follows = piece.at === message.at && piece.length === message.length
    if (!follows && !message.isRefused) this.refuse(message, 'malformedFrame')
    message.at = piece.at + piece.text.length
    const isLast = message.at >= message.length
    if (!message.isRefused) {
      // Small ones would be slices of a pool, and keep all of it.
      const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(piece.text))
      bytes.write(piece.text)
      message.parts.push(bytes)
      unfinished.add(message, bytes.length)
      if (message.unfinishedBytes >= maxMessageSize + HEAD_BYTES) this.refuse(message, 'overlongMessage')
    }
    if (!isLast) return undefined
    this.drop(number)
    return message.isRefused ? undefined : Buffer.concat(message.parts).toString()
  }

  /** What comes of it still is passed over. */
  private refuse (message: Coming, reason: RejectionReason): void {
    message.isRefused = true
    message.parts.splice(0)
    this.options.unfinished.delete(message)
    this.options.onRefused(reason, message.beginning)
  }

  private drop (number: number): void {
    const message = this.coming.get(number)
    if (message === undefined) return
    this.coming.delete(number)
    this.options.unfinished.delete(message)
  }
}
