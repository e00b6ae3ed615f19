import { arrayCodec, sparseArrayCodec } from './arrays'
import { bytesCodecs } from './bytes'
import type { Codec } from './codec'
import { dateCodec } from './dates'
import { domExceptionCodec, errorCodec } from './errors'
import { mapCodec, setCodec } from './maps'
import { regExpCodec } from './regexps'
import { searchParamsCodec, urlCodec } from './urls'

/** Every kind of object that keeps its type on the wire. A new kind is one file beside this one and one line here. */
const ALL: readonly Codec[] = [
  arrayCodec,
  sparseArrayCodec,
  mapCodec,
  setCodec,
  dateCodec,
  regExpCodec,
  urlCodec,
  searchParamsCodec,
  errorCodec,
  domExceptionCodec,
  ...bytesCodecs
]

/** The codecs by their names. */
export const CODECS = new Map<string, Codec>(ALL.map(codec => [codec.name, codec]))
