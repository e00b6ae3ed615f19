import { arrayCodec, mapCodec, setCodec, sparseArrayCodec } from './collection-codecs'
import { bytesCodecs } from './bytes-codecs'
import type { Codec } from './codec'
import { domExceptionCodec, errorCodec } from './error-codec'
import { MalformedValue } from './malformed-value'
import { regExpCodec } from './regexp-codec'
import { urlCodec } from './url-codec'

const dateCodec: Codec<Date> = {
  write: (date, entry) => { entry.push(date.getTime()) },
  // JSON has null for the NaN of an invalid date.
  make: entry => new Date(typeof entry[1] === 'number' ? entry[1] : NaN)
}

const searchParamsCodec: Codec<URLSearchParams> = {
  write: (params, entry) => { entry.push(params.toString()) },
  make ([, params]) {
    if (typeof params !== 'string') throw new MalformedValue('parameters that are none')
    return new URLSearchParams(params)
  }
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
