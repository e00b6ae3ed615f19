import type { ErrorClasses } from '../values/codec'
import { decodeTable } from '../values/decode-value'
import { readDigits } from './digits'
import type { Frame } from './frame-parser'
import { MalformedFrame } from './malformed-frame'

const COLON = 58
const JSON_TYPE = 106 // j
const STRING_TYPE = 115 // s
const VALUE_TYPE = 118 // v
/** `null` as four bytes: what each reply has in the place of an error. */
const NULL_TEXT = 0x6e756c6c

/**
 * Reads an argument as amp-message does: `j:` JSON, `s:` string, anything else as the bytes themselves; and what our
 * nodes add to that, `v:` for a value that JSON lacks words for.
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
    case VALUE_TYPE: return decode(buffer.toString('utf8', start + 2, end), errorClasses)
    default: return Buffer.from(buffer.subarray(start, end))
  }
}

/** Reads an argument that has to be a string, like the id of a request. */
export function readString (frame: Frame, index: number): string {
  const value = readArgument(frame, index)
  if (typeof value !== 'string') throw new MalformedFrame(`argument ${index} is no string`)
  return value
}

/** Reads the id of a request or reply: a number where that says the same, without making the string; else a string. */
export function readId (frame: Frame, index: number): string | number {
  const { buffer, bounds } = frame
  const start = bounds[2 * index] ?? 0
  const isString = buffer[start] === STRING_TYPE && buffer[start + 1] === COLON
  const number = isString ? readDigits(buffer, start + 2, bounds[2 * index + 1] ?? 0) : undefined
  return number ?? readString(frame, index)
}

/** Whether an argument is a value in the form that only our nodes know. */
export function isValue ({ buffer, bounds }: Frame, index: number): boolean {
  const start = bounds[2 * index] ?? 0
  const end = bounds[2 * index + 1] ?? 0
  return end - start >= 2 && buffer[start] === VALUE_TYPE && buffer[start + 1] === COLON
}

function decode (text: string, errorClasses: ErrorClasses | undefined): unknown {
  try {
    return decodeTable(text, errorClasses)
  } catch (error) {
    throw new MalformedFrame(`an argument is no value: ${(error as Error).message}`)
  }
}

function parse (json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new MalformedFrame(`an argument is no JSON: ${(error as Error).message}`)
  }
}
