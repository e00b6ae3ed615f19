/**
 * How often keys of a Map or Set stand in each other's way. V8 hashes texts and objects by what nobody can guess, but
 * numbers always alike, and BigInts by their lowest 64 bits alone: whoever sends keys that were chosen for it makes
 * each of them a walk past all others. So they are counted before they are put in.
 */

/** So few keys can't take long, whatever they are. */
export const FEW_KEYS = 256

/** Steps that are made in the time in which a character is read. */
const STEPS_PER_CHARACTER = 8

/** The work of making a Map or Set of these keys, beside what their number tells. */
export function keyWork (keys: Iterable<unknown>, length: number): number {
  if (length <= FEW_KEYS) return 0
  let size = FEW_KEYS
  while (size < length) size *= 2
  // Two keys have one place, as in V8.
  const places = new Uint32Array(size / 2)
  let steps = 0
  for (const key of keys) {
    const hash = hashOf(key)
    if (hash !== undefined) steps += places[hash & (places.length - 1)]++
  }
  // Evenly spread, each walks past one other at most, and by chance past some more.
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
  // That keeps 64 bits, without a sign.
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

/** V8's ComputeLongHash, of the lower and the higher half of 64 bits. */
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
