/** It never changes in a process, and its getter takes as long as reading a clock. */
const ORIGIN = performance.timeOrigin

/**
 * The mesh clock of this process, in milliseconds. It looks like a time since 1970, and never steps: the wall clock is
 * read once, when the process starts. Deadlines and durations use it; the wall clock is for people.
 */
export function meshNow (): number {
  return ORIGIN + performance.now()
}

/** The time of the mesh clock that `performance.now()` showed as this: a call reads the clock once for both. */
export function meshTimeOf (monotonic: number): number {
  return ORIGIN + monotonic
}

/** A time of the mesh clock as the wall clock shows it now, in whole milliseconds: for people, and never kept. */
export function toWallTime (meshTime: number): number {
  return Math.round(Date.now() + meshTime - meshNow())
}

/** Milliseconds until a time that {@link toWallTime} gave. */
export function untilWallTime (wallTime: number): number {
  return wallTime - Date.now()
}

/** How far the wall clock is ahead of a time of the mesh clock. An alarm where it changes, and never a measure. */
export function wallLead (meshTime: number): number {
  return Date.now() - meshTime
}

/** The last time that a Date can express. */
const MAX_TIME = 8.64e15

/** Reads a time that a peer sent; undefined for anything else. */
export function readTime (value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < MAX_TIME ? value : undefined
}
