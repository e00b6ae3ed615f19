import type { HookContext } from '@feathersjs/feathers'
import { isRecord } from '../../record'
import type { ReplyDetails } from '../../transport/transport'
import { cleanHeaders, cleanLocation, cleanStatus } from './http-details'

/** The lowest HTTP status of an error. */
const FIRST_ERROR = 400

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

/**
 * Puts the details of a reply into a context, where later hooks see them and may change them. Another node sent them,
 * so only what an HTTP answer can have gets there: what it can't have would break the answer.
 */
export function putDetails (context: HookContext, { dispatch, http }: ReplyDetails): void {
  if (dispatch !== undefined) context.dispatch = dispatch
  if (!isRecord(http)) return
  const before = context.http
  const { status, location, headers: given, ...others } = http
  // A cast, as hooks may set more than the type allows, such as a number. Feathers passes it on as it is.
  const headers = { ...before?.headers, ...cleanHeaders(given) } as Record<string, string>
  context.http = {
    ...before,
    ...others,
    ...whereGiven('status', cleanStatus(status)),
    ...whereGiven('location', cleanLocation(location)),
    ...isEmpty(headers) ? {} : { headers }
  }
}

/** The call failed: a status of success that the host set is not that of the error. */
export function dropSuccess (context: Pick<HookContext, 'http'>): void {
  const { http } = context
  if (http?.status === undefined || http.status >= FIRST_ERROR) return
  context.http = { ...http }
  delete context.http.status
}

function whereGiven<K extends string, V> (name: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : { [name]: value } as { readonly [N in K]?: V }
}

function isEmpty (record: object): boolean {
  for (const _name in record) return false
  return true
}
