import fc from 'fast-check'
import { Rejections } from '../../lib/transport/rejections'
import { meshNow } from '../../lib/clock'
import { ReplayGuard } from '../../lib/transport/cote/security/hellos/replay-guard'

const upTo = (length: number): number[] => Array.from({ length }, (_each, n) => n)

const HOUR = 60 * 60 * 1_000

beforeEach(() => { jest.useFakeTimers({ now: 1_000_000 }) })
afterEach(() => { jest.useRealTimers() })

describe('a packet', () => {
  it('counts once, and no earlier packet counts after it', () => {
    const guard = new ReplayGuard()
    const told = [[5, 1], [5, 1], [5, 2], [4, 1], [6, 3]].map(([at, count]) => guard.place('a node', { at, count }))
    expect(told).toEqual(['latest', 'replayed', 'latest', 'replayed', 'latest'])
    expect(guard.place('another node', { at: 5, count: 1 })).toBe('latest')
  })

  it('is not taken for a replay the first time that it comes, although a later one has overtaken it', () => {
    fc.assert(fc.property(fc.shuffledSubarray(upTo(300).slice(1)), fc.nat(2 ** 32 - 1), (order, first) => {
      const guard = new ReplayGuard()
      let last = 0
      for (const n of order) {
        const moment = { at: 10 + n, count: (first + n) % 2 ** 32 }
        const expected = n > last ? 'latest' : last - n < 256 ? 'overtaken' : 'replayed'
        expect([n, guard.place('a node', moment), guard.place('a node', moment)]).toEqual([n, expected, 'replayed'])
        last = Math.max(n, last)
      }
    }))
  })

  it('counts after its sender has joined again, with numbers that start again', () => {
    const guard = new ReplayGuard()
    expect([[5, 9], [6, 1], [6, 2], [5, 8]].map(([at, count]) => guard.place('a node', { at, count })))
      .toEqual(['latest', 'latest', 'latest', 'replayed'])
  })

  it('does not count when its clock is too far off, no matter how long its sender was silent', () => {
    const guard = new ReplayGuard()
    const at = meshNow()
    expect(guard.offClock('a node', { at, count: 1 })).toBeUndefined()
    jest.advanceTimersByTime(60_001)
    expect(guard.offClock('a node', { at, count: 1 })).toBe(-60_001)
    expect(guard.offClock('a node', { at: NaN, count: 1 })).toBeNaN()
    const never = [NaN, Infinity, -Infinity].map(at => guard.place('a node', { at, count: 1 }))
    expect(new Set(never)).toEqual(new Set(['replayed']))
  })

  it('is judged by what the clock of its sender has proven to show, and by that of no other sender', () => {
    const guard = new ReplayGuard()
    const at = meshNow() + HOUR
    expect(guard.offClock('a node', { at, count: 1 })).toBe(HOUR)
    guard.learnClock('a node', at)
    expect(guard.offClock('a node', { at, count: 1 })).toBeUndefined()
    expect(guard.offClock('a node', { at: meshNow(), count: 2 })).toBe(-HOUR)
    expect(guard.offClock('another node', { at, count: 1 })).toBe(HOUR)
    jest.advanceTimersByTime(60_001)
    expect(guard.offClock('a node', { at, count: 1 })).toBe(-60_001)
  })

  it('counts once when it made its sender prove its clock', () => {
    const guard = new ReplayGuard()
    const moment = { at: meshNow() + HOUR, count: 1 }
    expect(guard.place('a node', moment)).toBe('latest')
    guard.learnClock('a node', moment.at)
    expect(guard.place('a node', moment)).toBe('replayed')
    expect(guard.place('a node', { ...moment, count: 2 })).toBe('latest')
  })

  it('does not count for a replay of later packets when it is off clock, whatever its time', () => {
    const guard = new ReplayGuard()
    expect(guard.place('a node', { at: 1e300, count: 1 })).toBe('latest')
    expect(guard.place('a node', { at: 1e300, count: 1 })).toBe('replayed')
    expect(guard.place('a node', { at: meshNow(), count: 1 })).toBe('latest')
  })
})

describe('the replay guard', () => {
  it('forgets the senders it has not heard for longest, but never an active one', () => {
    const guard = new ReplayGuard(10)
    const before = { at: 1, count: 1 }
    for (let n = 0; n < 100; n++) {
      expect(guard.place(`node ${n}`, before)).toBe('latest')
      expect(guard.place('a node', { at: 5, count: n })).toBe('latest')
    }
    expect(guard.place('a node', { at: 5, count: 99 })).toBe('replayed')
    expect(guard.size).toBe(10)
  })
})

describe('a rejection', () => {
  it('is counted each time and logged once per minute for each reason and address', () => {
    const lines: string[] = []
    const log = new Rejections(line => lines.push(line))
    for (let n = 0; n < 5; n++) log.count('noTls', '192.0.2.1')
    log.count('noTls', '192.0.2.2')
    log.count('wrongSecret', '192.0.2.1')
    expect(lines).toHaveLength(3)
    jest.advanceTimersByTime(60_000)
    log.count('noTls', '192.0.2.1')
    expect(lines[3]).toContain('and 4 times before')
    expect(log.counters).toMatchObject({ noTls: 7, wrongSecret: 1, forgedHello: 0 })
  })

  it('is logged in a single line of limited length, whatever a peer calls itself', () => {
    const lines: string[] = []
    const log = new Rejections(line => lines.push(line))
    log.count('forbidden', '192.0.2.1', 'node a\nfeathers-mesh refused nothing\r\u001b[2J\u2028\u202e of it')
    log.count('forbidden', '192.0.2.2', 'x'.repeat(10_000))
    expect(lines[0]).toMatch(/^refused .*192\.0\.2\.1; node a\ufffdfeathers-mesh refused nothing\ufffd\ufffd\[2J\ufffd\ufffd of it$/)
    expect(lines[1]?.length).toBeLessThan(600)
  })

  it('is counted for a thousand addresses without filling the log', () => {
    const lines: string[] = []
    const log = new Rejections(line => lines.push(line))
    for (let n = 0; n < 1_000; n++) log.count('plainHello', `192.0.2.${n}`)
    expect(log.counters.plainHello).toBe(1_000)
    expect(lines).toHaveLength(100)
  })
})
