import { MAX_OPTIONS_DEPTH, MAX_OPTIONS_LENGTH } from '../../contract/contract-bounds'
import { JsonTree } from '../../contract/json-tree'

/**
 * The service options that callers can read, by their names. Contracts are plain JSON, so an option that is anything
 * else, or too long, is left out; `onLeftOut` is called with its name.
 */
export function plainOptions (
  names: readonly string[], values: Readonly<Record<string, unknown>>, onLeftOut: (name: string) => void
): Readonly<Record<string, unknown>> {
  const plain: Array<readonly [string, unknown]> = []
  let left = MAX_OPTIONS_LENGTH
  for (const name of names) {
    const value = values[name]
    if (value === undefined) continue
    const length = new JsonTree().lengthOf(value, left - name.length, MAX_OPTIONS_DEPTH)
    if (length === undefined || length > left - name.length) {
      onLeftOut(name)
      continue
    }
    left -= length + name.length
    // A copy: two options may be one object, and the program may change them.
    plain.push([name, JSON.parse(JSON.stringify(value))])
  }
  return Object.fromEntries(plain)
}
