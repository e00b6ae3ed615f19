import fc from 'fast-check'
import { Histogram } from '../../lib/inspection/histogram'

describe('a histogram', () => {
  it('tells times that are at most a quarter off those that were recorded', () => {
    fc.assert(fc.property(fc.double({ min: 0.01, max: 1_000_000, noNaN: true }), ms => {
      const histogram = new Histogram()
      for (let n = 0; n < 5; n++) histogram.record(ms)
      const { p50 = 0, p99 = 0 } = histogram.times
      expect(p50 / ms).toBeGreaterThan(0.7)
      expect(p99 / ms).toBeLessThan(1.3)
    }))
  })

  it('orders its quantiles, whatever was recorded', () => {
    fc.assert(fc.property(fc.array(fc.double(), { minLength: 1 }), recorded => {
      const histogram = new Histogram()
      for (const ms of recorded) histogram.record(ms)
      const { calls, p50 = NaN, p95 = NaN, p99 = NaN } = histogram.times
      expect([calls, p50 <= p95, p95 <= p99]).toEqual([recorded.length, true, true])
    }))
  })

  it('tells the quantiles of what was recorded', () => {
    const histogram = new Histogram()
    for (let ms = 1; ms <= 1_000; ms++) histogram.record(ms)
    const { p50 = 0, p95 = 0, p99 = 0 } = histogram.times
    expect([p50 / 500, p95 / 950, p99 / 990].map(ratio => Math.abs(ratio - 1) < 0.1)).toEqual([true, true, true])
  })

  it('tells how many of all calls took at most so long, also of those before the last minute', () => {
    const histogram = new Histogram()
    for (const ms of [1, 6, 6, 40, 400]) histogram.record(ms)
    for (let slot = 0; slot < 8; slot++) histogram.rotate()
    histogram.record(20_000)
    const { calls, within, sumMs } = histogram.distribution([5, 10, 100, 1_000])
    expect([calls, within]).toEqual([6, [1, 3, 4, 5]])
    expect(Math.abs(sumMs / 20_453 - 1)).toBeLessThan(0.15)
  })

  it('tells figures that only grow, from bound to bound and from call to call', () => {
    const bounds = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000]
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true })), recorded => {
      const histogram = new Histogram()
      let before = bounds.map(() => 0)
      for (const ms of recorded) {
        histogram.record(ms)
        const { calls, within } = histogram.distribution(bounds)
        const all = [...within, calls]
        expect(all.every((count, n) => count >= (all[n - 1] ?? 0) && count >= (before[n] ?? 0))).toBe(true)
        before = all
      }
    }), { numRuns: 30 })
  })

  it('forgets the times of a minute ago, and still counts the calls', () => {
    const histogram = new Histogram()
    histogram.record(5)
    for (let slot = 0; slot < 6; slot++) histogram.rotate()
    expect([histogram.times.calls, histogram.total]).toEqual([1, 1])
    histogram.rotate()
    expect([histogram.times, histogram.total]).toEqual([{ calls: 0 }, 1])
  })
})
