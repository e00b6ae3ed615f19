import { messageOf } from '../../../printable'
import { decodeValue, type DecodedValue } from '../../values/decode-value'
import type { EncodedValue } from '../../values/encoded-value'
import type { ErrorClasses } from '../../values/error-classes'
import { CostlyValue } from '../../values/errors'
import { readDigits } from './digits'
import { MalformedFrame, type Frame } from './frame-parser'

const COLON = 58
const JSON_TYPE = 106 // j
const STRING_TYPE = 115 // s
const VALUE_TYPE = 118 // v
const BESIDE_TYPE = 98 // b
/** `null` as four bytes: each reply without an error has it in place of one. */
const NULL_TEXT = 0x6e756c6c

/**
 * Reads an argument as amp-message does: `j:` is JSON, `s:` a string, and anything else the bytes themselves. Our nodes
 * add `v:` for a value that JSON can't express.
 */
export function readArgument (frame: Frame, index: number, errorClasses?: ErrorClasses): unknown {
  const { buffer, bounds } = frame
  const start = bounds[2 * index] ?? 0
  const end = bounds[2 * index + 1] ?? 0
  if (end - start < 2 || buffer[start + 1] !== COLON) return Buffer.from(buffer.subarray(start, end))
  switch (buffer[start]) {
    case JSON_TYPE:
      if (end - start === 6 && buffer.readUInt32BE(start + 2) === NULL_TEXT) return null
      return parse(buffer.toString('utf8', start + 2, end))
    case STRING_TYPE: return buffer.toString('utf8', start + 2, end)
    case VALUE_TYPE: return decode({ plain: false, text: buffer.toString('utf8', start + 2, end) }, errorClasses).value
    default: return Buffer.from(buffer.subarray(start, end))
  }
}

/** Reads an argument that holds a value, and what travels beside it in the next argument, if anything does. */
export function readValue (frame: Frame, index: number, errorClasses?: ErrorClasses): DecodedValue {
  if (!isBeside(frame, index + 1)) return { value: readArgument(frame, index, errorClasses) }
  const encoded = { plain: !isValue(frame, index), text: textOf(frame, index), beside: textOf(frame, index + 1) }
  return decode(encoded, errorClasses)
}

/** Whether an argument holds what travels beside the value before it. The last argument of a frame is its id. */
export function isBeside (frame: Frame, index: number): boolean {
  return index < frame.count - 1 && isOfType(frame, index, BESIDE_TYPE)
}

/** Reads an argument that must be a string. */
export function readString (frame: Frame, index: number): string {
  const value = readArgument(frame, index)
  if (typeof value !== 'string') throw new MalformedFrame(`argument ${index} is no string`)
  return value
}

/** Reads the id of a request or reply: as a number, which creates no string, where it is written as one. */
export function readId (frame: Frame, index: number): string | number {
  const { buffer, bounds } = frame
  const start = bounds[2 * index] ?? 0
  const isString = buffer[start] === STRING_TYPE && buffer[start + 1] === COLON
  const number = isString ? readDigits(buffer, start + 2, bounds[2 * index + 1] ?? 0) : undefined
  return number ?? readString(frame, index)
}

/** Whether an argument is a value in the format of this package. */
export function isValue (frame: Frame, index: number): boolean {
  return isOfType(frame, index, VALUE_TYPE)
}

function isOfType ({ buffer, bounds }: Frame, index: number, type: number): boolean {
  const start = bounds[2 * index] ?? 0
  const end = bounds[2 * index + 1] ?? 0
  return end - start >= 2 && buffer[start] === type && buffer[start + 1] === COLON
}

/** The text of an argument, without its type. */
function textOf ({ buffer, bounds }: Frame, index: number): string {
  return buffer.toString('utf8', (bounds[2 * index] ?? 0) + 2, bounds[2 * index + 1] ?? 0)
}

function decode (encoded: EncodedValue, errorClasses: ErrorClasses | undefined): DecodedValue {
  try {
    return decodeValue(encoded, errorClasses)
  } catch (error) {
    if (error instanceof CostlyValue) throw error
    throw new MalformedFrame(`an argument is no value: ${messageOf(error)}`)
  }
}

function parse (json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new MalformedFrame(`an argument is no JSON: ${messageOf(error)}`)
  }
}
