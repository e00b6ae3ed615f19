import type * as ClassTransformer from 'class-transformer'
import type { ExcludeMetadata, ExposeMetadata, TransformMetadata, TypeMetadata } from 'class-transformer'
import { ConfigurationError } from '../../errors'
import { messageOf } from '../../printable'

/** The records of one decorator of class-transformer: by class, then by property; undefined is the class itself. */
export type Records<T> = ReadonlyMap<unknown, ReadonlyMap<string | undefined, T>>

/** The records of the decorators of one copy of class-transformer. */
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

/** The records of the copy of class-transformer that this package loads. */
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
 * Finds the records of a copy. Its public entry has no functions for them, except those that transform data as well. So
 * each decorator is put on a class of ours, and the map that gets this class has all others, too.
 *
 * @returns undefined where the entry works in another way
 */
export function recordsOf ({ Type, Transform, Expose, Exclude }: TransformerEntry): TransformerRecords | undefined {
  const types = mapThatTakes(Mark, () => Type(() => Mark)(Mark.prototype, 'mark'))
  const transforms = mapThatTakes(Mark, () => Transform(() => undefined)(Mark.prototype, 'mark'))
  const exposed = mapThatTakes(Mark, () => Expose()(Mark.prototype, 'mark'))
  const excluded = mapThatTakes(Mark, () => Exclude()(Mark.prototype, 'mark'))
  if (!isRecords<TypeMetadata>(types) || !isRecords<readonly TransformMetadata[]>(transforms)) return undefined
  if (!isRecords<ExposeMetadata>(exposed) || !isRecords<ExcludeMetadata>(excluded)) return undefined
  return { types, transforms, exposed, excluded }
}

/** Loads class-transformer late: users of the plugin alone may not have it. */
function load (): { records: TransformerRecords, problem?: string } {
  let entry: TransformerEntry
  try {
    entry = requireTransformer()
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    return { records: NOTHING, problem: `class-transformer can't be loaded (${reason}); npm install class-transformer` }
  }
  return { records: readRecords(entry) }
}

/** @throws {@link ConfigurationError}, as the decorators would have no effect otherwise */
function readRecords (entry: TransformerEntry): TransformerRecords {
  let fault = 'this version is not known; npm install class-transformer@0.5'
  try {
    const records = recordsOf(entry)
    if (records !== undefined) return records
  } catch (error) {
    // With frozen intrinsics nothing takes the place of a method of Map.
    fault = messageOf(error)
  }
  throw new ConfigurationError([`what the decorators of class-transformer leave can't be read: ${fault}`])
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireTransformer (): TransformerEntry {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('class-transformer')
}

/** The map that gets an entry for a class while a function runs. */
function mapThatTakes (key: unknown, act: () => void): unknown {
  let found: unknown
  const { set } = Map.prototype
  const look = (map: unknown, taken: unknown): void => { if (taken === key) found = map }
  // Nothing but the one call runs in the meantime.
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

/** Whether it is the map that has our class; what one decorator leaves is all of one kind. */
function isRecords<T> (found: unknown): found is Records<T> {
  if (!(found instanceof Map)) return false
  const records: unknown = found.get(Mark)
  return records instanceof Map && records.has('mark')
}
