/**
 * The ids of frames that a responder sends without being asked. A requester of cote ignores ids that it did not give.
 */
export const EVENT_ID = '!event'
export const GOODBYE_ID = '!goodbye'

/** The id of frames that get no answer. */
export const NO_REPLY_ID = '!'
