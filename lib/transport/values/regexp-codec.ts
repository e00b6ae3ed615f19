import type { Codec } from './codec'
import { MalformedValue } from './malformed-value'

/** What parts of a source cost, as many characters as could be read meanwhile. */
const PROPERTY = 1_500
const PROPERTY_FOLDED = 6_000
const STRINGS = 45_000
const STRINGS_FOLDED = 750_000
const RANGE_FOLDED = 2_600
const WORD_FOLDED = 100
const NAMED_GROUP = 16
/** So many groups a reference back walks through in the time of a character. */
const GROUPS_PER_CHARACTER = 16

const BACK_REFERENCE = /\\[1-9k]/g
const GROUP = /\(/g
const NAMED = /\(\?</g
const PROPERTY_CLASS = /\\p/gi
/** `\p{RGI_Emoji}` and its like: sets of strings, which only the flag v has. */
const STRING_PROPERTY = /\\p\{[^}]*(?:Emoji_Keycap|RGI_|Basic_Emoji)/gi
/** A range that ends behind ASCII, or at what is written by its number; or all characters but a few. */
const WIDE_RANGE = /-(?:\\|[^ -~])|\\[WDS]/g
const WORD_CLASS = /\\[wWbB]/g

const count = (source: string, pattern: RegExp): number => source.match(pattern)?.length ?? 0

/**
 * What it costs to make a RegExp, by what in it takes longer than its length tells: classes of Unicode, the more so
 * if case is ignored in them, and references back out of many groups. To run it is another matter.
 */
export function regExpWork (source: string, flags: string): number {
  const references = count(source, BACK_REFERENCE)
  const groups = references === 0 ? 0 : references * count(source, GROUP) / GROUPS_PER_CHARACTER
  const work = source.length + groups + count(source, NAMED) * NAMED_GROUP
  return isUnicode(flags) ? work + unicodeWork(source, flags) : work
}

const isUnicode = (flags: string): boolean => flags.includes('u') || flags.includes('v')

function unicodeWork (source: string, flags: string): number {
  const properties = count(source, PROPERTY_CLASS)
  if (!flags.includes('i')) return properties * PROPERTY + stringsWork(source, flags, STRINGS)
  // Each character stands for those that differ from it in case only.
  const work = source.length * 4 + count(source, WORD_CLASS) * WORD_FOLDED
  if (!flags.includes('v')) return work + properties * PROPERTY
  return work + properties * PROPERTY_FOLDED + count(source, WIDE_RANGE) * RANGE_FOLDED +
    stringsWork(source, flags, STRINGS_FOLDED)
}

function stringsWork (source: string, flags: string, each: number): number {
  return flags.includes('v') ? count(source, STRING_PROPERTY) * each : 0
}

export const regExpCodec: Codec<RegExp> = {
  write ({ source, flags }, entry, writer) {
    writer.claimWork(regExpWork(source, flags))
    entry.push(source, flags)
  },
  make ([, source, flags], reader) {
    if (typeof source !== 'string' || typeof flags !== 'string') throw new MalformedValue('a RegExp that is none')
    reader.claimWork(regExpWork(source, flags))
    return new RegExp(source, flags)
  },
  work: ({ source, flags }) => ({ work: regExpWork(source, flags), length: source.length })
}
