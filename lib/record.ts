/** The fields of an object that anybody may have made: nothing is known of them but their names. */
export type Fields = Readonly<Record<string, unknown>>

const NO_FIELDS: Fields = Object.freeze(Object.create(null) as Record<string, unknown>)

/** Whether a value is an object that is no list. */
export function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
