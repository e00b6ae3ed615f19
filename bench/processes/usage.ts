import { GCProfiler } from 'node:v8'

/** Microseconds of CPU that this process has taken until now. */
export function cpuTime (): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes of memory that this process takes when its garbage is gone. */
export function residentMemory (): number {
  for (let n = 0; n < 3; n++) global.gc?.()
  return process.memoryUsage.rss()
}

/** Counts the bytes that are allocated on the heap. */
export class Allocations {
  private readonly profiler = new GCProfiler()
  private readonly before: number

  constructor () {
    global.gc?.()
    this.before = process.memoryUsage().heapUsed
    this.profiler.start()
  }

  /** Bytes since the start: what each collection of garbage found more than the one before it had left. */
  stop (): number {
    const { statistics } = this.profiler.stop()
    let left = this.before
    let allocated = 0
    for (const { beforeGC, afterGC } of statistics) {
      allocated += beforeGC.heapStatistics.usedHeapSize - left
      left = afterGC.heapStatistics.usedHeapSize
    }
    return allocated + process.memoryUsage().heapUsed - left
  }
}

/** Milliseconds since 1970, by a clock that never steps: processes of one machine compare their moments by it. */
export function sharedNow (): number {
  return performance.timeOrigin + performance.now()
}
