import type { Todos } from '../systems/system'
import type { ResultSize } from './payload'

export interface LoadOptions {
  /** Calls in flight all the time. */
  readonly inFlight: number
  readonly result: ResultSize
  readonly milliseconds: number
  /** Ends after so many calls, where that comes first. */
  readonly most?: number
}

/** What a caller measured; times in milliseconds. */
export interface LoadReport {
  readonly calls: number
  readonly milliseconds: number
  readonly p50: number
  readonly p99: number
  /** Microseconds of CPU that the process of the caller took. */
  readonly cpu: number
}

/** Latencies without an object for each. */
class Latencies {
  private values = new Float64Array(1 << 16)
  count = 0

  add (value: number): void {
    if (this.count === this.values.length) {
      const more = new Float64Array(this.values.length * 2)
      more.set(this.values)
      this.values = more
    }
    this.values[this.count++] = value
  }

  sorted (): Float64Array {
    return this.values.subarray(0, this.count).sort()
  }
}

/** Calls as fast as answers come, for so long; a call that fails ends it. */
export async function runLoad (todos: Todos, options: LoadOptions): Promise<LoadReport> {
  const { inFlight, result, milliseconds, most = Infinity } = options
  const latencies = new Latencies()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const end = start + milliseconds
  let started = 0
  const caller = async (): Promise<void> => {
    for (let sent = start; sent < end && started++ < most;) {
      sent = performance.now()
      await todos.get(result)
      latencies.add(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  const elapsed = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  const sorted = latencies.sorted()
  const percentile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  return {
    calls: latencies.count,
    milliseconds: elapsed,
    p50: percentile(0.5),
    p99: percentile(0.99),
    cpu: user + system
  }
}
