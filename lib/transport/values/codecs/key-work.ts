/**
 * Counts collisions of the keys of a Map or Set. V8 seeds the hashes of strings and objects, but not those of numbers,
 * and hashes BigInts by their lowest 64 bits alone. A peer could choose keys that all collide, so that inserting them
 * takes quadratic time. Collisions are therefore counted before the keys are inserted.
 */

/** Up to this number, keys are inserted quickly even if all of them collide. */
export const FEW_KEYS = 64

/** Steps along a chain of colliding keys that take the time of reading one character. */
const STEPS_PER_CHARACTER = 4

/** The work of inserting these keys into a Map or Set, beyond what their number implies. */
export function keyWork (keys: Iterable<unknown>, length: number): number {
  if (length <= FEW_KEYS) return 0
  let size = FEW_KEYS
  while (size < length) size *= 2
  // One bucket for two keys, as in V8.
  const buckets = new Uint32Array(size / 2)
  let steps = 0
  for (const key of keys) {
    const hash = hashOf(key)
    if (hash !== undefined) steps += buckets[hash & (buckets.length - 1)]++
  }
  // Evenly distributed keys pass one other each, and by chance a few more.
  return Math.max(0, steps - 2 * length) / STEPS_PER_CHARACTER
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const lowest = new BigUint64Array(double.buffer)

function hashOf (key: unknown): number | undefined {
  if (typeof key === 'number') {
    if (key === (key | 0)) return hashInteger(key)
    double[0] = key
    return hashLong(words[0], words[1])
  }
  if (typeof key !== 'bigint') return undefined
  // The array keeps the lowest 64 bits; V8 hashes the absolute value.
  lowest[0] = key < 0n ? -key : key
  return hashLong(words[0], words[1])
}

/** V8's ComputeUnseededHash. */
function hashInteger (key: number): number {
  let hash = (~key + (key << 15)) | 0
  hash ^= hash >>> 12
  hash = (hash + (hash << 2)) | 0
  hash ^= hash >>> 4
  hash = Math.imul(hash, 2057)
  return hash ^ (hash >>> 16)
}

/** V8's ComputeLongHash of 64 bits, given as their lower and upper halves. */
function hashLong (low: number, high: number): number {
  // ~key + (key << 18)
  let sum = (~low >>> 0) + ((low << 18) >>> 0)
  let lower = sum >>> 0
  let upper = ((~high >>> 0) + (((high << 18) | (low >>> 14)) >>> 0) + carryOf(sum)) >>> 0
  // ^ >>> 31
  lower = (lower ^ ((upper << 1) | (lower >>> 31))) >>> 0
  upper = (upper ^ (upper >>> 31)) >>> 0
  // * 21
  sum = lower * 21
  upper = (Math.imul(upper, 21) + carryOf(sum)) >>> 0
  lower = sum >>> 0
  // ^ >>> 11
  lower = (lower ^ ((upper << 21) | (lower >>> 11))) >>> 0
  upper = (upper ^ (upper >>> 11)) >>> 0
  // + << 6
  sum = lower + ((lower << 6) >>> 0)
  upper = (upper + (((upper << 6) | (lower >>> 26)) >>> 0) + carryOf(sum)) >>> 0
  lower = sum >>> 0
  // ^ >>> 22
  return (lower ^ ((upper << 10) | (lower >>> 22))) >>> 0
}

const carryOf = (sum: number): number => Math.floor(sum / 2 ** 32)
