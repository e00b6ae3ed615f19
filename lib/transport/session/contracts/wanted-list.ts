import type { ListSource } from './list-source'

/** Nodes beside its owners that do not give a list, at most. */
export const MAX_HELPERS = 8

/** A list that somebody offers, and that is not here. */
export interface Wanted {
  /** The nodes that offer it. */
  readonly owners: Set<ListSource>
  /** The nodes that were asked for it and did not give it. */
  readonly asked: Set<ListSource>
  /** How many nodes that are no owners did not give it: they don't hold it, or are silent. */
  helpers: number
  /** The node that it is reserved for: nobody else is asked for it meanwhile. */
  by: ListSource | undefined
  /** Whether it has come, and is about to be read. */
  isHere: boolean
}

/** A list of which somebody has just said that he offers it. */
export function newlyWanted (): Wanted {
  return { owners: new Set(), asked: new Set(), helpers: 0, by: undefined, isHere: false }
}

/** The hash of one of the lists by their hashes. */
export function hashOf ([hash]: readonly [hash: string, wanted: Wanted]): string {
  return hash
}

/** Whether it can be asked for. */
export function isFree ({ by, isHere }: Wanted): boolean {
  return by === undefined && !isHere
}

/** Whether an owner is left that was not asked. */
export function mayBeAsked (wanted: Wanted): boolean {
  return isFree(wanted) && [...wanted.owners].some(owner => !wanted.asked.has(owner))
}

/** Whether a node may hold the list of another one. */
export function mayHelp ({ owners, asked, helpers }: Wanted, source: ListSource): boolean {
  return !owners.has(source) && !asked.has(source) && helpers < MAX_HELPERS
}
