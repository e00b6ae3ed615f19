import { decodeValue } from '../../../lib/transport/values/decode-value'
import { encodeValue, type EncodeOptions } from '../../../lib/transport/values/encode-value'
import type { ErrorClasses } from '../../../lib/transport/values/error-classes'
import type { WorkBudget } from '../../../lib/transport/values/work-budget'

/** Encodes a value as a table, also where JSON would do. */
export function encodeTable (value: unknown, options: EncodeOptions = {}): string {
  return encodeValue(value, { ...options, asTable: true }).text
}

/** Decodes the text of a table, whoever wrote it. */
export function decodeTable (text: string, errorClasses?: ErrorClasses, budget?: WorkBudget): unknown {
  return decodeValue({ plain: false, text }, errorClasses, budget).value
}
