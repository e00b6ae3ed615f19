import { MalformedMessage } from '../transport'

/** The name of a session that there is not. */
export const NONE = '-'

/** What stands before the messages of a peer: who sends it, and which sessions of both nodes it belongs to. */
export interface InboxHead {
  readonly token: string
  readonly theirName: string
  readonly ownName: string
  /** Where the messages begin. */
  readonly end: number
}

/** Messages of a node that this one does not know, and that does not introduce itself. */
export class UnknownSession extends MalformedMessage {
  constructor () {
    super('messages of a node that has not said hello')
  }
}

/**
 * What stands before messages.
 *
 * @throws {@link MalformedMessage} for what begins otherwise
 */
export function readHead (text: string): InboxHead {
  const end = text.indexOf('\n')
  const [token, theirName, ownName, ...more] = text.slice(0, Math.min(end, MAX_HEAD_LENGTH)).split(' ')
  if (end < 0 || ownName === undefined || more.length > 0) throw new MalformedMessage('a message without a head')
  return { token, theirName, ownName, end: end + 1 }
}

/** Characters of the longest head: three names. */
const MAX_HEAD_LENGTH = 400
