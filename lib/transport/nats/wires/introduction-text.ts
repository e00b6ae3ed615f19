import { fieldsOf, textField } from '../../../record'
import { MalformedMessage } from '../../transport'
import { isLife, readHello, type Hello } from '../hello'

/** What a node says to another one before they have agreed on keys. */
export interface IntroductionFields<H> {
  readonly hello: H
  /** The session that the sender begins. */
  readonly session: string
  /** Its half of the keys. */
  readonly offer: unknown
  /** The session of the receiver that the sender knows. */
  readonly answers: string
  /** The session of the receiver with which the sender has begun one: where that goes on, a hello was an old one. */
  readonly holds: string
}

/** Writes an introduction. @param fields - with the text of a hello */
export function introductionText (fields: IntroductionFields<string>): string {
  return JSON.stringify(fields)
}

/**
 * Reads an introduction.
 *
 * @param keyToken - the key in its subject
 * @throws {@link MalformedMessage} for anything else
 */
export function readIntroduction (text: string, keyToken: string): IntroductionFields<Hello> {
  const fields = fieldsOf(parse(text))
  const [hello, session, answers, holds] = ['hello', 'session', 'answers', 'holds'].map(name => textField(fields, name))
  if (hello === undefined || !isLife(session) || answers === undefined || holds === undefined) {
    throw new MalformedMessage('an introduction without its fields')
  }
  return { hello: readHello(hello, keyToken), session, offer: fields.offer, answers, holds }
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedMessage('an introduction that is no JSON')
  }
}
