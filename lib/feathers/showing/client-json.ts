import type { HookContext } from '@feathersjs/feathers'
import { isForeign } from '../../outside-form'
import { fieldsOf, isRecord } from '../../record'
import { throwIfEndlessJson, throwIfEndlessText } from '../../transport/values/json-text'
import { dropSuccess } from '../hooks/reply-details'
import { errorForClient, unsendableForClient, type ClientCall } from './client-error'

/** The fields of a context that reach the client, beside the result. */
type Shown = Pick<HookContext, 'dispatch' | 'http'>

/** Whether a call comes from a client of this app, which gets JSON. */
export function isForClient (params: unknown): boolean {
  return fieldsOf(params).provider !== undefined
}

/**
 * Waits for the answer of another node to the call of a client. A short answer may stand for more JSON than this node
 * can ever write; such an answer becomes an error.
 *
 * @param client - who called what, for the error
 * @param shown - holds what the host sent beside the answer, once the answer is there
 */
export async function answerForClient (
  called: Promise<unknown>, client: ClientCall, shown: Shown = {}
): Promise<unknown> {
  const answer = await called.then(result => ({ result }), (error: unknown) => ({ error }))
  try {
    const all = [answer, shown.dispatch, shown.http]
    // Sockets send bytes beside their JSON.
    if (fieldsOf(client.params).provider === 'rest') throwIfEndlessText(all)
    else throwIfEndlessJson(all)
  } catch (error) {
    // An error hook may still set a result, and the client must not get these with it.
    shown.dispatch = shown.http = undefined
    const what = 'error' in answer ? 'it failed, and its error' : 'the result'
    throw unsendableForClient(`${what} can't be sent to a client`, error, client)
  }
  if ('error' in answer) {
    dropSuccess(shown)
    throw errorForClient(answer.error, client, isForeign(answer.error) || !isRecord(answer.error))
  }
  return answer.result
}
