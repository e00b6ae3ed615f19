import { isGiven } from './given'
import { DefaultedOption, type OptionsOf, type ResolvedOf, type Table } from './option'
import type { Environment } from './variable'

/** Options with what the environment and the defaults add, and what is wrong with the variables. */
export interface FilledIn<T extends Table> {
  readonly options: ResolvedOf<T>
  /** The variables that gave a value, by the names of the options. */
  readonly sources: Readonly<Record<string, string>>
  readonly faults: readonly string[]
}

/**
 * Gives each option of a table its value: the one given, else that of its first variable that is set, else its default.
 *
 * @param given - options that were checked
 * @param instead - defaults that take the place of those of the table
 */
export function fillIn<T extends Table> (
  table: T, given: OptionsOf<T>, environment: Environment, instead: OptionsOf<T> = {}
): FilledIn<T> {
  const options: Record<string, unknown> = {}
  const sources: Record<string, string> = {}
  const faults: string[] = []
  for (const [name, option] of Object.entries(table)) {
    const value = fieldOf(given, name)
    if (value !== undefined && !(value === '' && option.kind.isNoneIfEmpty)) {
      options[name] = value
      continue
    }
    const variable = option.readVariables(environment)
    if (variable !== undefined) {
      sources[name] = variable.name
      faults.push(...option.kind.faults(variable.value, { name: variable.name, subject: 'it' }))
    }
    const fallback = option instanceof DefaultedOption ? option.fallback : undefined
    options[name] = variable?.value ?? fieldOf(instead, name) ?? fallback
  }
  // Each name of the table has got a value of the kind that its row takes, or there is a fault.
  return { options: options as ResolvedOf<T>, sources, faults }
}

function fieldOf (given: Readonly<Record<string, unknown>>, name: string): unknown {
  return isGiven(given[name]) ? given[name] : undefined
}
