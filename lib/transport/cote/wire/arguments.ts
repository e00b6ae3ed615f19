import type { EncodedValue } from '../../values/encode-value'
import { jsonText } from '../../values/json-text'
import type { IdArgument, TextArgument } from './frame-writer'

/**
 * An argument that holds JSON. JSON can't express undefined, which arrives as null.
 *
 * @throws RangeError for a value whose JSON would be far longer than its distinct objects
 */
export function json (value: unknown): TextArgument {
  return { type: 'j', text: jsonText(value) ?? 'null' }
}

/** An argument that holds a value in the form in which it was encoded, without what travels beside it. */
export function valueArgument ({ plain, text }: EncodedValue): TextArgument {
  return { type: plain ? 'j' : 'v', text }
}

/** The argument after a value, with what travels beside it. Nodes that don't know of it read only those before it. */
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

/** The argument that holds null. */
export const NULL: TextArgument = { type: 'j', text: 'null' }

/** The id of events, which nobody asks for. A requester of cote ignores ids that it never gave. */
export const EVENT_ID = '!event'

/** The id of the frame that says that a responder takes no more requests. */
export const GOODBYE_ID = '!goodbye'

/** The id of frames that tell the clock of a responder, to callers that read it. */
export const CLOCK_ID = '!clock'

/** The id of frames with hellos of a responder, for a node that has asked for them on this connection. */
export const HELLOS_ID = '!hellos'

/** The id of frames that get no answer. */
export const NO_REPLY_ID = '!'
