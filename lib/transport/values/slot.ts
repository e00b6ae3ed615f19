import { MalformedValue } from './malformed-value'

/**
 * What stands for a value in an entry of the table: a JSON primitive for itself, `[7]` for the object of entry 7,
 * and a word for what JSON has none for, as `["NaN"]` or `["BigInt","-ff"]`.
 */
export type Slot =
  string | number | boolean | null | readonly [entry: number] | readonly [word: string, digits?: string]

const WORDS = new Map<string, unknown>([
  ['undefined', undefined], ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['-0', -0]
])

export const UNDEFINED: Slot = ['undefined']

/** The slot of a number. */
export function numberSlot (value: number): Slot {
  if (value === 0 ? 1 / value > 0 : value - value === 0) return value
  return [Object.is(value, -0) ? '-0' : String(value)]
}

/** In hexadecimal digits: to read or write decimal ones takes far longer than their length would tell. */
export function bigintSlot (value: bigint): Slot {
  return ['BigInt', value.toString(16)]
}

/** The value of a slot that is a word. */
export function wordValue (word: string, digits: unknown): unknown {
  if (WORDS.has(word)) return WORDS.get(word)
  if (word !== 'BigInt' || typeof digits !== 'string' || !/^-?[0-9a-f]+$/.test(digits)) {
    throw new MalformedValue('a slot with an unknown word')
  }
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`)
}
