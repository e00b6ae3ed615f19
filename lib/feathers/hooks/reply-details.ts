import type { HookContext } from '@feathersjs/feathers'
import { isRecord } from '../../record'
import type { ReplyDetails } from '../../transport/transport'

type Http = HookContext['http']

/** The `http` that the context of a REST call starts with, so that hooks may set a status or a header on it. */
export function httpOf (params: Readonly<Record<string, unknown>> | undefined): Http {
  return isRecord(params) && params.provider === 'rest' ? {} : undefined
}

/** What hooks left in a context for the transports of Feathers, beside the result. Most contexts hold nothing. */
export function detailsOf (context: HookContext | undefined): ReplyDetails | undefined {
  if (context === undefined) return undefined
  const { dispatch, http } = context
  const hasHttp = isRecord(http) && !isEmpty(http)
  if (dispatch === undefined && !hasHttp) return undefined
  return hasHttp ? { dispatch, http } : { dispatch }
}

/** Puts the details of a reply into a context, where later hooks see them and may change them. */
export function putDetails (context: HookContext, { dispatch, http }: ReplyDetails): void {
  if (dispatch !== undefined) context.dispatch = dispatch
  if (!isRecord(http)) return
  const before = context.http
  // A cast, as nothing checks the values of headers: the host's hooks set them, and like those of this app they may set
  // what the type doesn't allow. Feathers passes them on to the HTTP response as they are.
  const headers = { ...before?.headers, ...isRecord(http.headers) ? http.headers : {} } as Record<string, string>
  context.http = { ...before, ...http, ...isEmpty(headers) ? {} : { headers } }
}

function isEmpty (record: object): boolean {
  for (const _name in record) return false
  return true
}
