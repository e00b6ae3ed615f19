import type { MeshOptions } from '../feathers/mesh-settings'
import { checkOptions, type Findings } from '../option-table/check'
import { fillIn, type FilledIn } from '../option-table/fill-in'
import { isOptions, withoutEmpty } from '../option-table/given'
import type { OptionsOf, ResolvedOf, Table } from '../option-table/option'
import type { Environment } from '../option-table/variable'

/** Options that were resolved, or all that is wrong with them. */
export type Resolution<Resolved> =
  { readonly faults: readonly string[], readonly resolved?: undefined } |
  { readonly faults: readonly [], readonly resolved: Resolved }

/** The options of a node with all that the environment and the defaults add; nothing reads any of it again. */
export interface ResolvedNode<T extends Table> {
  readonly options: ResolvedOf<T>
  /** Whether anybody could call the node from another machine. */
  readonly isOpen: boolean
  /** What to warn of, a sentence each. */
  readonly warnings: readonly string[]
  /** What the node works with. Its transport is made now. */
  readonly settings: () => MeshOptions
}

/** Options as they are given, and filled in. */
export interface ReadOptions<T extends Table> {
  /** The options that say something. */
  readonly given: OptionsOf<T>
  readonly filled: FilledIn<T>
  readonly unknown: Findings['unknown']
}

/** Reads options one by one: those given, then the environment, then `instead`, then the defaults. */
export function readOptions<T extends Table> (
  what: string, table: T, given: OptionsOf<T>, { environment, instead }: ReadFrom<T>
): ReadOptions<T> {
  const filledIn = (said: OptionsOf<T>): FilledIn<T> => fillIn(table, said, environment, instead)
  if (!isOptions(given)) {
    const faults = [`${what} needs an options object; give {} for all defaults`]
    return { given: {}, filled: { ...filledIn({}), faults }, unknown: [] }
  }
  const { faults, unknown } = checkOptions(given, table)
  const said: OptionsOf<T> = withoutEmpty(given)
  const filled = filledIn(said)
  return { given: said, filled: { ...filled, faults: [...faults, ...filled.faults] }, unknown }
}

/** What options that are not given are read from. */
interface ReadFrom<T extends Table> {
  readonly environment: Environment
  /** Defaults that take the place of those of the table. */
  readonly instead: OptionsOf<T>
}
