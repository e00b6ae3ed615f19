/** Numbers from 0 to 1 that are the same for the same seed. */
export type Random = () => number

/** A generator of random numbers (mulberry32). */
export function randomOf (seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of some things. */
export function pick<T> (random: Random, things: readonly T[]): T {
  return things[Math.floor(random() * things.length)]
}
