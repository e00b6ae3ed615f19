import { GeneralError } from '@feathersjs/errors'
import type { HookContext } from '@feathersjs/feathers'
import { throwIfEndlessJson } from '../../transport/values/json-text'
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
 * @param call - the path and method, for the error
 * @param shown - where what the host says beside its answer is by then
 */
export async function answerForClient (called: Promise<unknown>, call: string, shown: Shown = {}): Promise<unknown> {
  const answer = await called.then(result => ({ result }), (error: unknown) => ({ error }))
  try {
    throwIfEndlessJson([answer, shown.dispatch, shown.http])
  } catch (error) {
    // A hook may still give a result, and clients must not get these with it.
    shown.dispatch = shown.http = undefined
    const what = 'error' in answer ? 'it failed, and its error' : 'the result'
    throw new GeneralError(`${call}: ${what} can't be sent to a client: ${(error as Error).message}`)
  }
  if ('error' in answer) throw answer.error
  return answer.result
}
