/** A text that is no encoded value. */
export class MalformedValue extends Error {
  override readonly name = 'MalformedValue'
}

/** A value that can't leave its process: a function, a symbol, a stream, … */
export class UnsendableValue extends TypeError {
  override readonly name = 'UnsendableValue'

  /**
   * @param path - where it is, as in code: `params.query.when`, `result[3].stream`
   * @param what - what it is: `a function`
   */
  constructor (readonly path: string, readonly what: string) {
    super(`${path} is ${what}`)
  }
}

/** The key of a value in the object that holds it. */
export type PathKey = string | number

/** Formats a path as code would: `params.query[0]`. */
export function formatPath (keys: readonly PathKey[]): string {
  return keys.map((key, index) => {
    if (typeof key === 'string' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return index === 0 ? key : `.${key}`
    return `[${JSON.stringify(key)}]`
  }).join('')
}
