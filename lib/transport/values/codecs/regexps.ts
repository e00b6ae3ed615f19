import { types } from 'node:util'
import type { Codec } from './codec'
import { MalformedValue } from '../errors'

/** The work of compiling parts of a source, in characters that could be read meanwhile. */
const PROPERTY = 3_750
const PROPERTY_FOLDED = 15_000
const STRINGS = 112_500
const STRINGS_FOLDED = 1_875_000
const RANGE_FOLDED = 6_500
const WORD_FOLDED = 250
const NAMED_GROUP = 40
const LETTER_FOLDED = 10
/** Groups that a back reference passes in the time of reading one character. */
const GROUPS_PER_CHARACTER = 6
/** Creating any RegExp; one of some use and a reference to it are as long. */
const REGEXP = 36

const BACK_REFERENCE = /\\[1-9k]/g
const GROUP = /\(/g
const NAMED = /\(\?</g
const PROPERTY_CLASS = /\\p/gi
/** `\p{RGI_Emoji}` and other properties of strings, which exist with the flag v only. */
const STRING_PROPERTY = /\\p\{[^}]*(?:Emoji_Keycap|RGI_|Basic_Emoji)/gi
/** A range that ends beyond ASCII or at an escape, or a class of all characters except a few. */
const WIDE_RANGE = /-(?:\\|[^ -~])|\\[WDS]/g
const WORD_CLASS = /\\[wWbB]/g

const count = (source: string, pattern: RegExp): number => source.match(pattern)?.length ?? 0

/**
 * The work of compiling a RegExp. Some parts take longer than their length implies: Unicode classes, above all where
 * case is ignored, and back references past many groups. The work of running it is not counted.
 */
export function regExpWork (source: string, flags: string): number {
  const references = count(source, BACK_REFERENCE)
  const groups = references === 0 ? 0 : references * count(source, GROUP) / GROUPS_PER_CHARACTER
  const work = REGEXP + source.length + groups + count(source, NAMED) * NAMED_GROUP
  return isUnicode(flags) ? work + unicodeWork(source, flags) : work
}

const isUnicode = (flags: string): boolean => flags.includes('u') || flags.includes('v')

function unicodeWork (source: string, flags: string): number {
  const properties = count(source, PROPERTY_CLASS)
  if (!flags.includes('i')) return properties * PROPERTY + stringsWork(source, flags, STRINGS)
  // Each character matches all those that differ from it in case only.
  const work = source.length * LETTER_FOLDED + count(source, WORD_CLASS) * WORD_FOLDED
  if (!flags.includes('v')) return work + properties * PROPERTY
  return work + properties * PROPERTY_FOLDED + count(source, WIDE_RANGE) * RANGE_FOLDED +
    stringsWork(source, flags, STRINGS_FOLDED)
}

function stringsWork (source: string, flags: string, each: number): number {
  return flags.includes('v') ? count(source, STRING_PROPERTY) * each : 0
}

/** A RegExp by its source and flags. */
export const regExpCodec: Codec<RegExp> = {
  name: 'RegExp',
  is: types.isRegExp,
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
