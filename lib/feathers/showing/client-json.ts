import type { HookContext } from '@feathersjs/feathers'
import { refuseEndlessJson } from '../../transport/values/json-text'
import { unsendableResult, type FailedCall } from '../../errors'
import { messageOf } from '../../printable'
import { isRecord } from '../../record'

/** What a context gives to the client that it is for. */
type Shown = Pick<HookContext, 'dispatch' | 'http'>

/** Whether a client of this app asked, which gets JSON. */
export function isForClient (params: unknown): boolean {
  return isRecord(params) && params.provider !== undefined
}

/**
 * Waits for what another node answers to a client's call. An answer of few bytes may be more JSON than this node could
 * write in its life: then it becomes an error.
 *
 * @param call - for the error
 * @param shown - where what the host says beside its answer is by then
 */
export async function answerForClient (
  called: Promise<unknown>, call: FailedCall, shown: Shown = {}
): Promise<unknown> {
  const answer = await called.then(result => ({ result }), (error: unknown) => ({ error }))
  try {
    refuseEndlessJson([answer, shown.dispatch, shown.http])
  } catch (error) {
    // A hook may still give a result, and clients must not get these with it.
    shown.dispatch = shown.http = undefined
    const what = 'error' in answer ? 'it failed, and its error' : 'the result'
    throw unsendableResult(call, `${what} can't be sent to a client: ${messageOf(error)}`)
  }
  if ('error' in answer) throw answer.error
  return answer.result
}
