import { types } from 'node:util'

/** How long the JSON of values without children is. No estimate is below the true length. */

/** Characters that surround a field or an item. */
export const PUNCTUATION = 4

/** Characters of a value that is neither a string nor a long number. */
export const SHORT = 5

/** Characters of the longest numbers: any, and integers below ten to the fifth power. */
const LONG_NUMBER = 25
const SHORT_INTEGER = 10 ** 5

/** Characters of a Date in quotes, also of one far from now. */
const DATE = 29

/** Characters around the numbers of a Buffer, and those of each with its comma. */
const BUFFER = 28
const BYTE = 4

/** Decimal digits of a hexadecimal one, at most. */
const DIGITS_PER_HEX = 1.21

/** Of the characters that JSON may escape, all. */
// eslint-disable-next-line no-control-regex -- JSON escapes control characters
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/

/** Characters of a string in quotes. */
export function lengthOfText (text: string): number {
  return ESCAPED.test(text) ? JSON.stringify(text).length : text.length + 2
}

/** Characters of a value that is no object, beyond those that every value has. */
export function lengthOfPrimitive (value: unknown): number {
  switch (typeof value) {
    case 'string': return lengthOfText(value)
    case 'number': return Number.isInteger(value) && Math.abs(value) < SHORT_INTEGER ? 1 : LONG_NUMBER
    // An app may give them a toJSON. Decimal digits would take far longer.
    case 'bigint': return value.toString(16).length * DIGITS_PER_HEX + 2
    default: return 0
  }
}

/** Objects that have no children: those that JSON writes as text, or as numbers that need no look at each. */
export function lengthOfLeaf (object: object, toJSON: unknown): number | undefined {
  if (toJSON === Buffer.prototype.toJSON && types.isUint8Array(object)) return BUFFER + object.length * BYTE
  if (toJSON === URL.prototype.toJSON && object instanceof URL) return lengthOfText(object.href)
  if (toJSON === Date.prototype.toJSON && types.isDate(object)) return DATE
  return typeof toJSON === 'function' ? undefined : lengthWithoutToJSON(object)
}

/** The same for an object whose `toJSON`, if it has any, JSON does not call. */
export function lengthWithoutToJSON (object: object): number | undefined {
  if (types.isTypedArray(object)) {
    return PUNCTUATION + object.length * (PUNCTUATION + String(object.length).length + lengthOfElement(object))
  }
  return types.isBoxedPrimitive(object) ? SHORT + lengthOfPrimitive(unboxed(object)) : undefined
}

/** Characters of the longest element of a typed array. */
function lengthOfElement (array: NodeJS.TypedArray): number {
  if (types.isUint8Array(array) || types.isUint8ClampedArray(array)) return '255'.length
  return array.BYTES_PER_ELEMENT === 1 ? '-128'.length : LONG_NUMBER
}

function unboxed (object: object): unknown {
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object)
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object)
  return types.isBigIntObject(object) ? BigInt.prototype.valueOf.call(object) : undefined
}
