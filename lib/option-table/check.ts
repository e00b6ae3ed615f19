import { nearestName } from '../contract/nearest-name'
import { withoutCredentials } from '../printable'
import { isOptions } from './given'
import type { Kind, Place, Table } from './option'

/** What is wrong with options as they are given. */
export interface Findings {
  /** Values that are wrong, a sentence each. */
  readonly faults: readonly string[]
  /** Names of options that there are not, a sentence each, by the option that they are in: '' or `cote.`. */
  readonly unknown: ReadonlyArray<{ readonly prefix: string, readonly fault: string }>
}

/** Checks options one by one, those of nested tables as well; null and undefined say nothing, and are right. */
export function checkOptions (given: object, table: Table, prefix = ''): Findings {
  const faults: string[] = []
  const unknown: Array<{ prefix: string, fault: string }> = []
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(table, name)) {
      unknown.push({ prefix, fault: `unknown option '${prefix}${withoutCredentials(name)}'${suggestion(name, Object.keys(table))}` })
      continue
    }
    if (value === undefined || value === null) continue
    const { kind } = table[name]
    faults.push(...faultsOf(kind, value, { name: `option '${prefix}${name}'`, subject: name }))
    if (kind.table === undefined || !isOptions(value)) continue
    const inner = checkOptions(value, kind.table, `${prefix}${name}.`)
    faults.push(...inner.faults)
    unknown.push(...inner.unknown)
  }
  return { faults, unknown }
}

/** What is wrong with a value, which may throw whatever is asked of it: a Proxy, or a getter in it. */
function faultsOf (kind: Kind, value: unknown, place: Place): string[] {
  try {
    return kind.faults(value, place)
  } catch {
    // The message could reveal the value.
    return [`${place.name} can't be read: something in it throws`]
  }
}

/** What may have been meant: the nearest of the names, or all of them where none is near. */
export function suggestion (name: string, names: readonly string[]): string {
  const near = nearestName(name, names)
  return near === undefined ? `; there are: ${[...names].sort().join(', ')}` : `; did you mean '${near}'?`
}
