import type { ReplyDetails } from '../../transport/transport'
import { dispatchOf, setDispatch } from '../../transport/values/dispatch'

/**
 * Keeps what outside clients get in the place of a result where Feathers' resolvers look for it, so that a service
 * which embeds the result hides the same fields. One that the host's resolvers kept there came with the result.
 */
export function keepDispatch (result: unknown, { dispatch }: ReplyDetails): void {
  if (dispatch === undefined || typeof result !== 'object' || result === null || dispatch === result) return
  if (dispatchOf(result) === undefined) setDispatch(result, dispatch)
}
