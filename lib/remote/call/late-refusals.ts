import { meshNow } from '../../clock'
import { RequestRefused, type TransportError } from '../../transport/transport'

/** How often an attempt is sent again to a replica that refuses it for its time. */
const MAX_SENT_AGAIN = 2

/**
 * Whether a call is sent again, at once, to the replica that refused it for its time. Nothing ran there. What this node
 * knew of the replica's clock was wrong: the refusal brought what is right. So this is no further attempt, and nothing
 * is wrong with the replica.
 *
 * @param timesSentAgain - how often the attempt was sent again before
 * @param deadline - that of the call, by the mesh clock
 */
export function isSentAgain (error: TransportError, timesSentAgain: number, deadline: number): boolean {
  return error instanceof RequestRefused && error.reason === 'late' &&
    timesSentAgain < MAX_SENT_AGAIN && meshNow() < deadline
}
