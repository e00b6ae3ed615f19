import { MalformedMessage } from '../../transport'

/** Characters of a piece, at most: a small message waits no longer than a few of them take. */
const PIECE_LENGTH = 64 * 1024
/** Characters of a piece that is not the last one, at least, whatever the server takes. */
const LEAST_LENGTH = 512

/** A part of a message that is too long to travel whole. */
export interface Piece {
  /** Where in the message it begins, in characters. */
  readonly at: number
  /** The characters of the whole message; 0 says that the rest of it will not come. */
  readonly length: number
  readonly text: string
}

/** Where a piece ends. @param maxLength - characters that the server takes for sure in one message */
export function endOfPiece (text: string, at: number, maxLength: number): number {
  const end = at + Math.max(LEAST_LENGTH, Math.min(PIECE_LENGTH, maxLength))
  if (end >= text.length) return text.length
  // Half a character would become another one on its way.
  return isFirstHalf(text.charCodeAt(end - 1)) ? end - 1 : end
}

/** Writes a piece. */
export function pieceText ({ at, length, text }: Piece): string {
  return `${at} ${length}\n${text}`
}

const HEAD = /^(\d{1,15}) (\d{1,15})\n/

/**
 * Reads a piece; a peer sent it, so it may be anything.
 *
 * @throws {@link MalformedMessage} for what is none, and for one that is so short that many would take more memory than
 * their bytes
 */
export function readPiece (body: unknown): Piece {
  const head = typeof body === 'string' ? HEAD.exec(body) : null
  if (head === null) throw new MalformedMessage('a piece without its place in a message')
  const [at, length] = [Number(head[1]), Number(head[2])]
  const text = head.input.slice(head[0].length)
  const isShort = text.length < LEAST_LENGTH - 1 && at + text.length < length
  if (isShort || (length > 0 && (text === '' || at + text.length > length))) {
    throw new MalformedMessage('a piece that is too short, or beyond the end of its message')
  }
  return { at, length, text }
}

function isFirstHalf (unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
