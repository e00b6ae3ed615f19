import { MAX_TIMER_MS } from '../contract/method-policy'
import { kindOfValue, printablePart, withoutCredentials } from '../printable'
import { isText } from '../record'
import { isOptions } from './given'
import { Option, type Kind, type Place, type Table } from './option'

const TRUE_WORDS = ['true', '1', 'yes', 'on']
const FALSE_WORDS = ['false', '0', 'no', 'off']

/** The words for true and false in a variable of this package, in any case of letters. */
export const FLAG_WORDS = { true: TRUE_WORDS, false: FALSE_WORDS }

/** The sentence for a value that is not what it must be. */
export function wrong ({ name, subject }: Place, expected: string): string {
  return `${name} is wrong: ${subject} must ${expected}`
}

/** What a value must do, as the end of a sentence; undefined where it does. */
type Demand = (value: unknown) => string | undefined

function kind (demand: Demand, rest: Partial<Kind> = {}): Kind {
  return {
    faults: (value, place) => {
      const expected = demand(value)
      return expected === undefined ? [] : [wrong(place, expected)]
    },
    parse: text => text,
    ...rest
  }
}

/** An option whose value passes a check; `expected` completes "must be …". */
export function only<T> (expected: string, isValid: (value: unknown) => boolean): Option<T> {
  return new Option<T>(kind(value => isValid(value) ? undefined : `be ${expected}`))
}

/** An option whose value is checked together with other options. */
export function checkedLater<T> (): Option<T> {
  return new Option<T>(kind(() => undefined))
}

/** Whether a value is a list, without holes, of items that pass a check. */
export function isListOf (isItem: (item: unknown) => boolean): (value: unknown) => boolean {
  // Not every(): it passes over holes.
  return value => Array.isArray(value) && value.findIndex(item => !isItem(item)) === -1
}

/** A text with something in it. */
export const text = new Option<string>(kind(value => lengthDemand(value, 1, Infinity)))

/** A text with something in it, and no more than so many characters and bytes. */
export function textWithin (max: number): Option<string> {
  return new Option<string>(kind(value => lengthDemand(value, 1, max)))
}

/** A text that may be empty, which is the same as none. */
export function anyTextWithin (max: number): Option<string> {
  return new Option<string>(kind(value => lengthDemand(value, 0, max), { isNoneIfEmpty: true }))
}

/** Peers count characters, packets and messages bytes: a text has to be within bounds in both. */
function lengthDemand (value: unknown, min: number, max: number): string | undefined {
  if (typeof value !== 'string') return 'be a string'
  if (value.length < min) return `be longer than or equal to ${min} characters`
  return Buffer.byteLength(value) > max ? `have at most ${max} bytes, and it has ${Buffer.byteLength(value)}` : undefined
}

/** A list of names. */
export const names = only<readonly string[]>('a list of names', isListOf(isText))

/** True or false. */
export const flag = new Option<boolean>({
  faults: (value, place) => {
    if (typeof value === 'boolean') return []
    // Only a variable can hold a word for it.
    const words = place.subject === 'it' ? `be one of ${[...TRUE_WORDS, ...FALSE_WORDS].join(', ')}` : 'be a boolean value'
    return [wrong(place, words)]
  },
  parse: word => {
    if (TRUE_WORDS.includes(word.toLowerCase())) return true
    return FALSE_WORDS.includes(word.toLowerCase()) ? false : word
  }
})

/** A value that is no number, for the message about it. */
function shown (value: unknown): string {
  if (typeof value === 'string') return `'${printablePart(withoutCredentials(value))}'`
  return typeof value === 'number' ? String(value) : kindOfValue(value)
}

/** A whole number within bounds. */
export function wholeNumber (min = -Infinity, max = Infinity, unit?: Kind['unit']): Option<number> {
  const demand: Demand = value => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return `be an integer number, and it is ${shown(value)}`
    if (value < min) return `not be less than ${min}`
    return value > max ? `not be greater than ${max}` : undefined
  }
  const parse = (digits: string): unknown => /^[-+]?\d+$/.test(digits) ? Number(digits) : digits
  return new Option<number>(kind(demand, { parse, unit }))
}

/** How many: 1 or more. No count of anything needs more than a timer takes. */
export const count = wholeNumber(1, MAX_TIMER_MS)

/** A time in milliseconds that a timer takes. */
export const milliseconds = wholeNumber(1, MAX_TIMER_MS, 'ms')

/** A number of bytes. */
export const bytes = wholeNumber(1, MAX_TIMER_MS, 'bytes')

/** The highest port of TCP or UDP. */
export const MAX_PORT = 65_535

/** A port of TCP or UDP. */
export const port = wholeNumber(1, MAX_PORT)

/** Whether something is an object with methods. */
export function hasMethods (value: unknown, methods: readonly string[]): boolean {
  return value !== null && ['object', 'function'].includes(typeof value) &&
    methods.every(method => typeof Reflect.get(Object(value), method) === 'function')
}

/** An object that is known by its methods. */
export function withMethods<T> (expected: string, ...methods: string[]): Option<T> {
  return only<T>(expected, value => hasMethods(value, methods))
}

/** A plain object. */
export function object<T> (): Option<T> {
  return only<T>('an object', isOptions)
}

/** An object of options that have a table of their own. */
export function nested<Options> (table: Table): Option<Options> {
  return new Option<Options>(kind(value => isOptions(value) ? undefined : 'be an object', { table }))
}
