import { types } from 'node:util'
import type { MeshOptions } from '../feathers/mesh-settings'
import type { NodeLog } from '../log'
import { checkOptions, type Findings } from '../option-table/check'
import { fillIn, type FilledIn } from '../option-table/fill-in'
import { isOptions, withoutEmpty } from '../option-table/given'
import type { OptionsOf, ResolvedOf, Table } from '../option-table/option'
import { snapshotOf } from '../option-table/snapshot'
import type { Variables } from '../option-table/variable'

/** Options that were resolved, or all that is wrong with them. */
export type Resolution<Resolved> =
  { readonly faults: readonly string[], readonly resolved?: undefined } |
  { readonly faults: readonly [], readonly resolved: Resolved }

/** The options of a node with all that variables and defaults add; nothing reads any of it again. */
export interface ResolvedNode<T extends Table> {
  readonly options: ResolvedOf<T>
  /** Whether anybody could call the node from another machine. */
  readonly isOpen: boolean
  /** What to warn of, a sentence each. */
  readonly warnings: readonly string[]
  /** Where the node tells what happens. */
  readonly log: NodeLog
  /** What the node works with. Its transport is made now. */
  readonly settings: () => MeshOptions
}

/** Options as they are given, and resolved one by one. */
export interface ReadOptions<T extends Table> extends FilledIn<T> {
  /** The options that say something. */
  readonly given: OptionsOf<T>
  readonly unknown: Findings['unknown']
}

/** What options that are not given are read from. */
export interface ReadFrom<T extends Table> {
  readonly variables: Variables
  /** Those that take the place of the defaults of the table. */
  readonly defaults: OptionsOf<T>
}

/** Reads options one by one: those given, then the variables, then the defaults. */
export function readOptions<T extends Table> (
  what: string, table: T, options: OptionsOf<T>, { variables, defaults }: ReadFrom<T>
): ReadOptions<T> {
  if (!isOptions(options) && !types.isProxy(options)) {
    const faults = [`${what} needs an options object; give {} for all defaults`]
    return { ...fillIn<T>(table, {}, variables, defaults), given: {}, faults, unknown: [] }
  }
  const snapshot = snapshotOf(what, options, table)
  const { faults, unknown } = checkOptions(snapshot.options, table)
  // The same options, read once.
  const given = withoutEmpty(snapshot.options) as OptionsOf<T>
  const filledIn = fillIn(table, given, variables, defaults)
  return { ...filledIn, given, faults: [...snapshot.faults, ...faults, ...filledIn.faults], unknown }
}

/**
 * Warns of what is odd about the options of a node, and once if it is open.
 *
 * @param advice - how to close it
 */
export function emitWarnings (
  { log, warnings, isOpen }: Pick<ResolvedNode<Table>, 'log' | 'warnings' | 'isOpen'>, advice: string
): void {
  for (const warning of warnings) log.tell('FEATHERS_MESH_OPTIONS', `feathers-mesh: ${warning}`)
  if (!isOpen) return
  log.tell('FEATHERS_MESH_OPEN', `this node is open to its network: any program that reaches it can call its services. To close it, ${advice}`)
}
