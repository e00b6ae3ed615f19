import type { Way } from '../way'

/** A way that a text or an object describes, or what is wrong with it: the end of a sentence, without credentials. */
export type ReadWay =
  { readonly way: Way, readonly fault?: undefined } |
  { readonly way?: undefined, readonly fault: string }

/** Reads what stands behind `://` in the URL of a way. */
export type WayReader = (rest: string) => ReadWay

/** The scheme of a URL, and what stands behind `://`; undefined for anything else. */
export function partsOfUrl (text: string): { readonly scheme: string, readonly rest: string } | undefined {
  const [found, scheme = ''] = /^([a-z][a-z\d+.-]*):\/\//i.exec(text) ?? []
  return found === undefined ? undefined : { scheme: scheme.toLowerCase(), rest: text.slice(found.length) }
}
