import type { Codec } from './codec'
import { MalformedValue } from './malformed-value'

/** To make one takes as long as to read so many characters, and the shortest has less. */
const URL_WORK = 24

/**
 * What `href` always is: a scheme in small letters, and then ASCII. A host in another script is in punycode there; to
 * make that of the letters takes the square of their number, so they are not taken in its place.
 */
const HREF = /^[a-z][a-z0-9+.-]*:[ -~]*$/

/** The schemes whose hosts are read so; there is nothing before the host that could hide it in an `href`. */
const WITH_HOST = /^(?:https?|wss?|ftp|file):/
const HOST = /^[a-z]+:\/\/(?:[^/?#@\\]*@)?([^/?#@\\%A-Z]*)(?:[/?#]|$)/

/** And so does the way back from punycode. DNS has 253 characters. */
const MAX_PUNYCODE_LENGTH = 1_000

/** Whether a text may be the `href` of a URL, and costs no more than its length to read. */
function isHref (text: string): boolean {
  if (!HREF.test(text)) return false
  if (!WITH_HOST.test(text)) return true
  const host = HOST.exec(text)?.[1]
  return host !== undefined && (host.length <= MAX_PUNYCODE_LENGTH || !host.includes('xn--'))
}

export const urlCodec: Codec<URL> = {
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
