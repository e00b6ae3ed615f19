import { arrayCodec, mapCodec, setCodec, sparseArrayCodec } from './collection-codecs'
import { bytesCodecs } from './bytes-codecs'
import type { Codec } from './codec'
import { domExceptionCodec, errorCodec } from './error-codec'
import { MalformedValue } from './malformed-value'

const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new MalformedValue('a text that is none')
  return value
}

const dateCodec: Codec<Date> = {
  write: date => [date.getTime()],
  // JSON has null for the NaN of an invalid date.
  make: ([time]) => new Date(typeof time === 'number' ? time : NaN)
}

const regExpCodec: Codec<RegExp> = {
  write: ({ source, flags }) => [source, flags],
  make: ([source, flags]) => new RegExp(text(source), text(flags))
}

const urlCodec: Codec<URL> = { write: ({ href }) => [href], make: ([href]) => new URL(text(href)) }

const searchParamsCodec: Codec<URLSearchParams> = {
  write: params => [params.toString()],
  make: ([params]) => new URLSearchParams(text(params))
}

/** All kinds of objects that have a name on the wire. */
export const CODECS = new Map<string, Codec>(Object.entries({
  Array: arrayCodec,
  Sparse: sparseArrayCodec,
  Map: mapCodec,
  Set: setCodec,
  Date: dateCodec,
  RegExp: regExpCodec,
  URL: urlCodec,
  URLSearchParams: searchParamsCodec,
  Error: errorCodec,
  DOMException: domExceptionCodec,
  ...bytesCodecs
  // Each gets the objects of its own name only.
}) as Array<[string, Codec]>)
