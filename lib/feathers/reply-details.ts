import type { HookContext } from '@feathersjs/feathers'
import type { ReplyDetails } from '../transport/transport'
import { isRecord } from '../record'

type Http = HookContext['http']

/** What a context of REST's begins with, so that hooks may set a status or a header on it. */
export function httpOf (params: Readonly<Record<string, unknown>> | undefined): Http {
  return isRecord(params) && params.provider === 'rest' ? {} : undefined
}

/** What a context says to the transports of Feathers beside its result; mostly nothing. */
export function detailsOf (context: HookContext | undefined): ReplyDetails | undefined {
  if (context === undefined) return undefined
  const { dispatch, http } = context
  const says = isRecord(http) && !isEmpty(http)
  if (dispatch === undefined && !says) return undefined
  return says ? { dispatch, http } : { dispatch }
}

/** Puts into a context what the host of the service said: later hooks see it, and may change it. */
export function putDetails (context: HookContext, { dispatch, http }: ReplyDetails): void {
  if (dispatch !== undefined) context.dispatch = dispatch
  if (!isRecord(http)) return
  const before = context.http
  const headers = { ...before?.headers, ...isRecord(http.headers) ? http.headers : {} } as Record<string, string>
  // As hooks of the host would have set it on this context.
  context.http = { ...before, ...http, ...isEmpty(headers) ? {} : { headers } }
}

function isEmpty (record: object): boolean {
  for (const _name in record) return false
  return true
}
