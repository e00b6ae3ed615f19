import { GeneralError } from '@feathersjs/errors'
import { isMeshErrorCode, type MeshErrorCode } from '../../mesh-error-code'
import { hasDetails, isOutsideForm, meshCodeOf } from '../../outside-form'
import { messageOf } from '../../printable'
import { fieldsOf, isPlainRecord, textField } from '../../record'
import { isError } from '../../transport/values/codecs/errors'

/** The most objects of an error that are looked at; what is in others is left out. */
const MAX_OBJECTS = 10_000
/** Objects around one that is looked at; a deeper one is left out, as the stack of the engine ends, too. */
const MAX_LEVELS = 500

/** Fields of an error that may hold others, also where they are not enumerable. */
const INNER_FIELDS = ['cause', 'errors', 'data'] as const

/** Makes the error that a client gets in the place of one of the mesh. */
type Replace = (code: MeshErrorCode, hidden: object) => object

/**
 * Finds errors of the mesh in what a service threw: it may be one, or wrap one, as a cause, in a list, or in data.
 * Lists and records that hold one are copied, as the program may share them.
 */
export class MeshDetails {
  private readonly known = new Map<object, unknown>()
  private left = MAX_OBJECTS
  private level = 0

  constructor (private readonly replace: Replace) {}

  /** The same value without details of the mesh. */
  hideIn (value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (this.known.has(value)) return this.known.get(value)
    if (this.level > MAX_LEVELS || --this.left < 0) return undefined
    // A value that contains itself keeps doing so.
    this.known.set(value, value)
    this.level++
    const hidden = this.hideInNew(value)
    this.level--
    this.known.set(value, hidden)
    return hidden
  }

  private hideInNew (value: object): unknown {
    if (isOutsideForm(value)) return value
    const code = meshCodeOf(value) ?? convertedCodeOf(value)
    if (code !== undefined && hasDetails(code)) return this.replace(code, value)
    if (isError(value)) return this.hideInError(value)
    if (Array.isArray(value)) return this.hideInList(value)
    return isPlainRecord(value) ? this.hideInRecord(value) : value
  }

  private hideInList (list: readonly unknown[]): readonly unknown[] {
    const hidden = list.map(item => this.hideIn(item))
    return hidden.some((item, index) => item !== list[index]) ? hidden : list
  }

  private hideInRecord (record: Record<string, unknown>): object {
    // The `data` of an error of the mesh, which someone gave another error.
    if (isMeshErrorCode(record.code) && hasDetails(record.code)) return { code: record.code }
    const entries = Object.entries(record)
    const hidden = entries.map(([key, item]) => [key, this.hideIn(item)] as const)
    return hidden.some(([, item], index) => item !== entries[index][1]) ? Object.fromEntries(hidden) : record
  }

  private hideInError (error: Error): Error {
    for (const key of new Set([...INNER_FIELDS, ...Object.keys(error)])) {
      const property = Object.getOwnPropertyDescriptor(error, key)
      if (property === undefined || !('value' in property)) continue
      const hidden = this.hideIn(property.value)
      if (hidden === property.value) continue
      // A frozen error can't be shown without what it holds.
      if (!Reflect.defineProperty(error, key, { ...property, value: hidden })) return new GeneralError()
      hideMessage(error, property.value, hidden)
    }
    return error
  }
}

/** Where an error repeats the message of one of the mesh, it gets the one that clients may read. */
function hideMessage (error: Error, inner: unknown, hidden: unknown): void {
  if (!isError(Object(inner)) || !isError(Object(hidden))) return
  const before = messageOf(inner)
  if (before === '') return
  for (const key of ['message', 'stack'] as const) {
    const text = error[key]
    if (text?.includes(before) === true) Reflect.set(error, key, text.replaceAll(before, messageOf(hidden)))
  }
}

/** `new GeneralError(error)` copies the fields of an error into its data. */
function convertedCodeOf (value: object): MeshErrorCode | undefined {
  const { data } = fieldsOf(value)
  return textField(fieldsOf(data), 'type') === 'FeathersError' ? meshCodeOf(data) : undefined
}
