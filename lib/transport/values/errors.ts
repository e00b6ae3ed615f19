/** A text that is no encoded value. */
export class MalformedValue extends Error {
  override readonly name: string = 'MalformedValue'
}

/**
 * A text that may be a value, and takes more work to decode than its length allows: its message is refused. Its sender
 * may be an earlier release that allows more, and nothing is wrong with what else it sends.
 */
export class CostlyValue extends MalformedValue {
  override readonly name = 'CostlyValue'
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
