import { types } from 'node:util'
import { printablePart } from '../printable'
import { setOwn } from '../record'
import { isOptions } from './given'
import type { Table } from './option'

/** Options that were read once, and what keeps others from being read. */
export interface Snapshot {
  readonly options: Readonly<Record<string, unknown>>
  /** A sentence each. They never show a value, which may be a secret. */
  readonly faults: readonly string[]
}

/**
 * Reads each option once, those of nested tables as well. Only own properties of plain objects count, so whatever
 * else looks like an option is a fault: to pass over a `secret` would leave the node open.
 *
 * @param what - names the object in faults: `forRoot`, `option 'cote'`
 */
export function snapshotOf (what: string, given: object, table: Table, prefix = ''): Snapshot {
  if (types.isProxy(given)) {
    return { options: {}, faults: [`${what} is given a Proxy, whose options can't be told; give it a plain object`] }
  }
  const options: Record<string, unknown> = {}
  const faults: string[] = []
  for (const name of Object.getOwnPropertyNames(given)) {
    if (!Object.hasOwn(table, name) && !Object.prototype.propertyIsEnumerable.call(given, name)) continue
    try {
      const read = readOption(Reflect.get(given, name), { name, table, prefix })
      faults.push(...read.faults)
      setOwn(options, name, read.value)
    } catch {
      faults.push(`${placeOf(prefix, name)} can't be read: its getter throws`)
    }
  }
  return { options, faults: [...faults, ...inheritedFaults(what, given, table)] }
}

/** An option in a table that may be nested. */
interface TablePlace {
  readonly name: string
  readonly table: Table
  readonly prefix: string
}

/** The value of an option; where that is options itself, a snapshot of them. */
function readOption (
  value: unknown, { name, table, prefix }: TablePlace
): { readonly value: unknown, readonly faults: readonly string[] } {
  const inner = Object.hasOwn(table, name) ? table[name].kind.table : undefined
  const isNested = isObject(value) && (types.isProxy(value) || isOptions(value))
  if (inner === undefined || !isNested) return { value, faults: [] }
  const { options, faults } = snapshotOf(placeOf(prefix, name), value, inner, `${prefix}${name}.`)
  return { value: options, faults }
}

function placeOf (prefix: string, name: string): string {
  return `option '${prefix}${printablePart(name)}'`
}

/** Options that an object inherits: of a class that defines them by accessors, or of what it was created from. */
function inheritedFaults (what: string, given: object, table: Table): string[] {
  const names = new Set<string>()
  for (let at = parentOf(given); at !== undefined; at = parentOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const isMeant = Object.hasOwn(table, name) || Object.prototype.propertyIsEnumerable.call(at, name)
      if (isMeant && !Object.hasOwn(given, name)) names.add(printablePart(name))
    }
  }
  return names.size === 0
    ? []
    : [`${what} is given an object that inherits ${[...names].slice(0, MAX_NAMED).join(', ')}, and inherited options ` +
      'do not count; copy them into a plain object']
}

/** The most inherited options that a fault names. */
const MAX_NAMED = 10

/** What an object inherits from; undefined for the prototype of all objects, of whatever realm. */
function parentOf (value: object): object | undefined {
  const parent: unknown = Object.getPrototypeOf(value)
  if (!isObject(parent)) return undefined
  const isRoot = Object.getPrototypeOf(parent) === null && Object.hasOwn(parent, 'hasOwnProperty')
  return isRoot ? undefined : parent
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
