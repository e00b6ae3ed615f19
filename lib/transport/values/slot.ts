import { MalformedValue } from './errors'

/**
 * Stands for a value in an entry of the table. A JSON primitive stands for itself, `[7]` for the object of entry 7, and
 * a word for a primitive that JSON can't express, as `["NaN"]` or `["BigInt","-ff"]`.
 */
export type Slot =
  string | number | boolean | null | readonly [entry: number] | readonly [word: string, digits?: string]

const WORDS = new Map<string, unknown>([
  ['undefined', undefined], ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['-0', -0]
])

/** The slot of undefined. */
export const UNDEFINED: Slot = ['undefined']

/** The slot of a number. */
export function numberSlot (value: number): Slot {
  if (value === 0 ? 1 / value > 0 : value - value === 0) return value
  return [Object.is(value, -0) ? '-0' : String(value)]
}

/** The slot of a BigInt, in hexadecimal: reading or writing decimal digits takes time that grows with their square. */
export function bigintSlot (value: bigint): Slot {
  return ['BigInt', value.toString(16)]
}

/**
 * The value of a slot that holds a word.
 *
 * @throws {@link MalformedValue} for an unknown word
 */
export function wordValue (word: string, digits: unknown): unknown {
  const value = WORDS.get(word)
  if (value !== undefined || WORDS.has(word)) return value
  if (word !== 'BigInt' || typeof digits !== 'string' || !/^-?[0-9a-f]+$/.test(digits)) {
    throw new MalformedValue('a slot with an unknown word')
  }
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`)
}
