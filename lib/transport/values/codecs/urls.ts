import type { Codec } from './codec'
import { MalformedValue } from '../errors'

/** The work of creating a URL; an entry for `http://localhost/` and a reference to it are as long. */
const URL_WORK = 40

/**
 * The shape of any `href`: a scheme in small letters, then ASCII. Hosts in other scripts are in punycode there.
 * Converting a host to punycode takes time that grows with its square, so other forms are rejected.
 */
const HREF = /^[a-z][a-z0-9+.-]*:[ -~]*$/

/** The schemes whose hosts are decoded. Nothing before the host can hide it in an `href`. */
const WITH_HOST = /^(?:https?|wss?|ftp|file):/
const HOST = /^[a-z]+:\/\/(?:[^/?#@\\]*@)?([^/?#@\\%A-Z]*)(?:[/?#]|$)/

/** Decoding punycode takes quadratic time as well. DNS allows 253 characters. */
const MAX_PUNYCODE_LENGTH = 1_000

/** Whether a text may be the `href` of a URL, and parsing it costs no more than its length. */
function isHref (text: string): boolean {
  if (!HREF.test(text)) return false
  if (!WITH_HOST.test(text)) return true
  const host = HOST.exec(text)?.[1]
  return host !== undefined && (host.length <= MAX_PUNYCODE_LENGTH || !host.includes('xn--'))
}

/** A URL by its `href`. */
export const urlCodec: Codec<URL> = {
  name: 'URL',
  is: value => value instanceof URL,
  ignoresToJSON: true,
  write ({ href }, entry, writer) {
    writer.claimWork(URL_WORK)
    entry.push(href)
  },
  make ([, href], reader) {
    if (typeof href !== 'string' || !isHref(href)) throw new MalformedValue('a URL that is none')
    reader.claimWork(URL_WORK)
    return new URL(href)
  },
  work: ({ href }) => ({ work: isHref(href) ? URL_WORK : Infinity, length: href.length })
}

/** The work of creating parameters, and of each of them and each space: URLSearchParams joins texts there. */
const PARAMETERS_WORK = 24
const PARAMETER_WORK = 4

const AND = 38
const PLUS = 43

function parametersWork (text: string): number {
  let work = PARAMETERS_WORK
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === AND || code === PLUS) work += PARAMETER_WORK
  }
  return work
}

/** The parameters of a query as text. */
export const searchParamsCodec: Codec<URLSearchParams> = {
  name: 'URLSearchParams',
  is: value => value instanceof URLSearchParams,
  write (params, entry, writer) {
    const text = params.toString()
    writer.claimWork(parametersWork(text))
    entry.push(text)
  },
  make ([, params], reader) {
    if (typeof params !== 'string') throw new MalformedValue('parameters that are none')
    reader.claimWork(parametersWork(params))
    return new URLSearchParams(params)
  }
}
