import { isGiven } from './given'
import { DefaultedOption, type Option, type OptionsOf, type ResolvedOf, type Table } from './option'
import type { Variables } from './variable'

/** Options with what the variables and the defaults add, and what is wrong with the variables. */
export interface FilledIn<T extends Table> {
  readonly resolved: ResolvedOf<T>
  /** The variables that gave a value, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  readonly faults: readonly string[]
  /** Variables of other packages that are ignored, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Gives each option of a table its value: the one given, else that of its first variable that is set, else its default.
 *
 * @param given - options that were checked
 * @param defaults - those that take the place of the defaults of the table
 */
export function fillIn<T extends Table> (
  table: T, given: OptionsOf<T>, variables: Variables, defaults: OptionsOf<T> = {}
): FilledIn<T> {
  const resolved: Record<string, unknown> = {}
  const sources: Record<string, string> = {}
  const faults: string[] = []
  const warnings: string[] = []
  for (const [name, option] of Object.entries(table)) {
    const value = fieldOf(given, name)
    if (value !== undefined && !(value === '' && option.kind.isNoneIfEmpty)) {
      resolved[name] = value
      continue
    }
    const variable = readVariable(option, variables)
    faults.push(...variable.faults)
    warnings.push(...variable.warnings)
    if (variable.name !== undefined) sources[name] = variable.name
    resolved[name] = variable.value ?? fieldOf(defaults, name) ?? fallbackOf(option)
  }
  // Each name of the table has got a value of the kind that its row takes, or there is a fault.
  return { resolved: resolved as ResolvedOf<T>, sources, faults, warnings }
}

/** What the first variable that is set says of an option, and what is wrong with it. */
interface CheckedVariable {
  /** The name of the variable that gives the value; undefined if none does. */
  readonly name?: string
  readonly value?: unknown
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

const NONE: CheckedVariable = { faults: [], warnings: [] }

function readVariable (option: Option<unknown>, variables: Variables): CheckedVariable {
  const variable = option.readVariables(variables)
  if (variable === undefined) return NONE
  const { name, value, isForeign } = variable
  const faults = option.kind.faults(value, { name, subject: 'it' })
  // Programs that run with the other package don't stop for a value that it tolerates.
  if (isForeign && faults.length > 0) return { faults: [], warnings: faults.map(fault => `${fault}; it is ignored`) }
  return { name, value, faults, warnings: [] }
}

function fallbackOf (option: Option<unknown>): unknown {
  return option instanceof DefaultedOption ? option.fallback : undefined
}

function fieldOf (given: Readonly<Record<string, unknown>>, name: string): unknown {
  return isGiven(given[name]) ? given[name] : undefined
}
