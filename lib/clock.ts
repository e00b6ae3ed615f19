/**
 * The mesh clock of this process, in milliseconds. It looks like a time since 1970, and never steps: the wall clock is
 * read once, when the process starts. Deadlines and durations use it; the wall clock is for people.
 */
export function meshNow (): number {
  return performance.timeOrigin + performance.now()
}
