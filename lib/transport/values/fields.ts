/** An index from which V8 stores array-like fields in a hash table, and reserves no memory for the gap before it. */
const SPARSE_INDEX = 2 ** 12

const DIGIT_0 = 48
const DIGIT_9 = 57

/**
 * Prepares an object for fields of these names. If names are numbers, V8 would reserve memory for all numbers up to the
 * largest one: a thousand times what the names take as text.
 *
 * @param names - in the order of `Object.keys`: numbers come first
 */
export function expectFields (object: object, names: readonly string[]): void {
  if (!haveNumbers(names)) return
  // The object switches to a hash table here, and keeps it after the field is deleted.
  Reflect.set(object, SPARSE_INDEX, undefined)
  Reflect.deleteProperty(object, SPARSE_INDEX)
}

/** Whether there are numbers among names in the order of `Object.keys`. */
export function haveNumbers (names: readonly string[]): boolean {
  const first = names[0]?.charCodeAt(0)
  return first !== undefined && first >= DIGIT_0 && first <= DIGIT_9
}

/** Sets a field of the object itself, also where its prototype has one of that name, such as `__proto__`. */
export function setField (object: object, key: string, value: unknown): void {
  if (key in object) defineField(object, key, value, true)
  // An assignment is far quicker than Reflect.set, and any object takes fields of any name.
  else (object as Record<string, unknown>)[key] = value
}

/** Defines a writable field of the object itself. */
export function defineField (object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable })
}
