/** Two of the bits after the first one of a time tell its bucket: at most a quarter wider than it begins. */
const PARTS = 4
/** Buckets of times up to 35 minutes, in microseconds; longer ones count as that. */
const BUCKETS = 120
const LONGEST_US = 2 ** 31 - 1
/** Whole slots, and the one that is being filled. */
const SLOTS = 7

/** For how long a slot is filled: six of them are a minute. */
export const SLOT_MS = 10_000

/** The shares of calls whose times are told. */
const QUANTILES = [0.5, 0.95, 0.99] as const

/** How long the calls of the last minute took, in milliseconds; none where there were none. */
export interface Times {
  readonly calls: number
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

/** How long all calls took since the node was made. */
export interface Distribution {
  readonly calls: number
  /** How many of them took at most as long as each of the bounds that were asked for. */
  readonly within: readonly number[]
  /** The time of all together, in ms: estimated, as times are known by their buckets. */
  readonly sumMs: number
}

/** How long calls took, in a fixed size: the last minute, in slots of ten seconds, and all calls. */
export class Histogram {
  private readonly counts = new Uint32Array(SLOTS * BUCKETS)
  /** Where the slot begins that is being filled. */
  private offset = 0
  /** The calls of slots that were used again: more than 32 bits may hold. */
  private readonly earlier = new Float64Array(BUCKETS)

  /** A call took so many milliseconds. */
  record (ms: number): void {
    this.counts[this.offset + bucketOf(ms)]++
  }

  /** Begins the next slot; called every {@link SLOT_MS}. */
  rotate (): void {
    this.offset = (this.offset + BUCKETS) % this.counts.length
    const slot = this.counts.subarray(this.offset, this.offset + BUCKETS)
    for (const [bucket, count] of slot.entries()) this.earlier[bucket] += count
    slot.fill(0)
  }

  /** All calls that were recorded. */
  get total (): number {
    return sumOf(this.counts) + sumOf(this.earlier)
  }

  /**
   * How long all calls took. Within a bucket it is estimated, so figures only grow, from one bound to the next, and
   * from one time to the next.
   *
   * @param boundsMs - in ascending order
   */
  distribution (boundsMs: readonly number[]): Distribution {
    const within = boundsMs.map(() => 0)
    let [calls, sumUs] = [0, 0]
    for (const [bucket, count] of this.sums(this.earlier).entries()) {
      if (count === 0) continue
      const [start, end] = [startOf(bucket), startOf(bucket + 1)]
      calls += count
      sumUs += count * (start + end) / 2
      for (const [n, boundMs] of boundsMs.entries()) {
        within[n] += count * Math.min(1, Math.max(0, (boundMs * 1_000 - start) / (end - start)))
      }
    }
    return { calls, within: within.map(Math.floor), sumMs: sumUs / 1_000 }
  }

  /** The last 60 to 70 seconds. */
  get times (): Times {
    const sums = this.sums(new Float64Array(BUCKETS))
    const calls = sumOf(sums)
    if (calls === 0) return { calls }
    const [p50, p95, p99] = QUANTILES.map(share => timeAt(sums, share * calls))
    return { calls, p50, p95, p99 }
  }

  /** The calls of all slots, by bucket, and those before them. */
  private sums (before: Float64Array): Float64Array {
    const sums = Float64Array.from(before)
    this.counts.forEach((count, n) => { sums[n % BUCKETS] += count })
    return sums
  }
}

function sumOf (counts: Uint32Array | Float64Array): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

/** The bucket of a time: one for each of the first four microseconds, then four for each doubling. */
function bucketOf (ms: number): number {
  const us = ms > 0 ? Math.min(LONGEST_US, ms * 1_000) | 0 : 0
  if (us < PARTS) return us
  const exponent = 31 - Math.clz32(us)
  return (exponent - 1) * PARTS + ((us >>> (exponent - 2)) & (PARTS - 1))
}

/** Where a bucket begins, in microseconds. */
function startOf (bucket: number): number {
  if (bucket < PARTS) return bucket
  return (PARTS + bucket % PARTS) * 2 ** (Math.floor(bucket / PARTS) - 1)
}

/** The time that so many calls did not exceed, in ms with three digits: within a bucket it is estimated. */
function timeAt (sums: Float64Array, rank: number): number {
  let passed = 0
  for (const [bucket, count] of sums.entries()) {
    if (count > 0 && passed + count >= rank) {
      const [start, end] = [startOf(bucket), startOf(bucket + 1)]
      return Math.round(start + (end - start) * (rank - passed) / count) / 1_000
    }
    passed += count
  }
  return LONGEST_US / 1_000
}
