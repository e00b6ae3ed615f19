import type * as ClassTransformer from 'class-transformer'
import type { ExcludeMetadata, ExposeMetadata, TransformMetadata, TypeMetadata } from 'class-transformer'
import { ConfigurationError } from '../errors'

/** What one decorator of class-transformer left: by class, then by property; undefined stands for the class itself. */
export type Records<T> = ReadonlyMap<unknown, ReadonlyMap<string | undefined, T>>

/** What the decorators of one copy of class-transformer left. */
export interface TransformerRecords {
  readonly types: Records<TypeMetadata>
  readonly transforms: Records<readonly TransformMetadata[]>
  readonly exposed: Records<ExposeMetadata>
  readonly excluded: Records<ExcludeMetadata>
}

/** The decorators of the public entry. */
export type TransformerEntry = Pick<typeof ClassTransformer, 'Type' | 'Transform' | 'Expose' | 'Exclude'>

/** A class that only this file decorates. */
class Mark {
  [property: string]: unknown
}

const NOTHING: TransformerRecords = { types: new Map(), transforms: new Map(), exposed: new Map(), excluded: new Map() }

let own: { readonly records: TransformerRecords, readonly problem?: string } | undefined

/** What the decorators of the copy of class-transformer left that this package sees. */
export function transformerRecords (): TransformerRecords {
  own ??= load()
  return own.records
}

/** Why that copy can't be used; undefined where it can. */
export function transformerProblem (): string | undefined {
  own ??= load()
  return own.problem
}

/**
 * Where the decorators of a copy keep what they leave. The public entry has functions for it only that walk over data
 * as well. So each decorator is put on a class of ours, and the map that takes this class is the one that has all
 * others.
 *
 * @returns undefined where the entry works in another way
 */
export function recordsOf ({ Type, Transform, Expose, Exclude }: TransformerEntry): TransformerRecords | undefined {
  const types = mapThatTakes(Mark, () => Type(() => Mark)(Mark.prototype, 'mark'))
  const transforms = mapThatTakes(Mark, () => Transform(() => undefined)(Mark.prototype, 'mark'))
  const exposed = mapThatTakes(Mark, () => Expose()(Mark.prototype, 'mark'))
  const excluded = mapThatTakes(Mark, () => Exclude()(Mark.prototype, 'mark'))
  const found = { types, transforms, exposed, excluded }
  return Object.values(found).every(isRecords) ? found as TransformerRecords : undefined
}

/** The entry of class-transformer. It is asked for late: who uses the plugin alone may not have it. */
function load (): { records: TransformerRecords, problem?: string } {
  let entry: TransformerEntry
  try {
    entry = requireTransformer()
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    return { records: NOTHING, problem: `class-transformer can't be loaded (${reason}); npm install class-transformer` }
  }
  return { records: readRecords(entry) }
}

/** @throws {@link ConfigurationError}, as what the decorators say would be passed over in silence else */
function readRecords (entry: TransformerEntry): TransformerRecords {
  let fault = 'this version is not known; npm install class-transformer@0.5'
  try {
    const records = recordsOf(entry)
    if (records !== undefined) return records
  } catch (error) {
    // With frozen intrinsics nothing takes the place of a method of Map.
    fault = (error as Error).message
  }
  throw new ConfigurationError([`what the decorators of class-transformer leave can't be read: ${fault}`])
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireTransformer (): TransformerEntry {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('class-transformer') as TransformerEntry
}

/** The map that gets an entry for a class while something is done. */
function mapThatTakes (key: unknown, act: () => void): unknown {
  let found: unknown
  const { set } = Map.prototype
  const look = (map: unknown, taken: unknown): void => { if (taken === key) found = map }
  // Nothing but the one call runs meanwhile.
  Map.prototype.set = function (this: Map<unknown, unknown>, ...entry) {
    look(this, entry[0])
    return set.apply(this, entry)
  }
  try {
    act()
  } finally {
    Map.prototype.set = set
  }
  return found
}

function isRecords (found: unknown): boolean {
  if (!(found instanceof Map)) return false
  const records: unknown = found.get(Mark)
  return records instanceof Map && records.has('mark')
}
