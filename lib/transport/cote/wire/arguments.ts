import type { EncodedValue } from '../../values/encode-value'
import { jsonText } from '../../values/json-text'
import type { IdArgument, TextArgument } from './frame-writer'

/**
 * An argument that holds JSON. JSON has no undefined: it arrives as null.
 *
 * @throws RangeError for what JSON would repeat far beyond its length
 */
export function json (value: unknown): TextArgument {
  return { type: 'j', text: jsonText(value) ?? 'null' }
}

/** An argument that holds a value in the form in which it was encoded, without what travels beside it. */
export function valueArgument ({ plain, text }: EncodedValue): TextArgument {
  return { type: plain ? 'j' : 'v', text }
}

/** An argument behind a value, with what travels beside it. Nodes that don't know of it look at those before it. */
export function besideArgument (text: string): TextArgument {
  return { type: 'b', text }
}

/** An argument that holds a string. */
export function string (text: string): TextArgument & { readonly type: 's' } {
  return { type: 's', text }
}

/** An argument that holds an id. */
export function idArgument (id: string | number): IdArgument {
  return { type: 's', text: id }
}

/** An argument that is encoded already. */
export const NULL: TextArgument = { type: 'j', text: 'null' }

/**
 * The ids of frames that a responder sends without being asked. A requester of cote ignores ids that it did not give.
 */
export const EVENT_ID = '!event'
export const GOODBYE_ID = '!goodbye'

/** The id of frames that get no answer. */
export const NO_REPLY_ID = '!'
