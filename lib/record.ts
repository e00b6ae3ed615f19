/** The fields of an object of unknown origin: any field may be missing, or be anything. */
export type Fields = Readonly<Record<string, unknown>>

/** Those of no object. */
export const NO_FIELDS: Fields = Object.freeze(Object.create(null))

/** Whether a value is an object, and no list. */
export function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is an object that inherits from none, or from that of all objects, in whatever realm. */
export function isPlainRecord (value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The properties of any object, lists and instances of classes included, to read and to set. */
export function propertiesOf (value: object): Record<string, unknown> {
  // Each object of JavaScript has properties by name.
  return value as Record<string, unknown>
}

/** Whether two values are the same as JSON; most that are compared are one object. */
export function isSameJson (one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** Sets a property of an object's own. Not by an assignment: its name may be `__proto__`, or that of a setter. */
export function setOwn (object: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Whether a value is a text with something in it. */
export function isText (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The fields of a value; none where it is no object, or is a list. */
export function fieldsOf (value: unknown): Fields {
  return isRecord(value) ? value : NO_FIELDS
}

/** A field that has to be a text; undefined where it is anything else. */
export function textField (fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

/** A field that has to be a number; undefined where it is anything else. */
export function numberField (fields: Fields, name: string): number | undefined {
  const value = fields[name]
  return typeof value === 'number' ? value : undefined
}

/** A field that has to be a list; undefined where it is anything else. */
export function listField (fields: Fields, name: string): readonly unknown[] | undefined {
  const value = fields[name]
  return Array.isArray(value) ? value : undefined
}
