import fc from 'fast-check'
import { PeerClock } from '../../../../lib/transport/session/clocks/peer-clock'
import { TwoClocks, type Step, type Verdict } from './two-clocks'

/** The clock of this node, in simulated time. */
let now = 0
const known = (onKnown?: () => void): PeerClock => new PeerClock(onKnown, () => now)

beforeEach(() => { now = 1_000_000 })
afterEach(() => jest.restoreAllMocks())

describe('what a node knows of the clock of a peer', () => {
  it('is nothing before the first sample, and is announced with that', () => {
    const onKnown = jest.fn()
    const clock = known(onKnown)
    expect([clock.isKnown, clock.toPeerTime(now + 5)]).toEqual([false, now + 5])
    clock.read(now + 60_000)
    clock.read(now + 60_000)
    expect([clock.isKnown, clock.toPeerTime(now + 5)]).toEqual([true, now + 60_005])
    expect(onKnown).toHaveBeenCalledTimes(1)
  })

  it('is the greatest sample of the last two seconds: its message was under way for the least time', () => {
    const clock = known()
    for (const lead of [400, 1_000, 700]) clock.read(now + lead)
    expect(clock.toPeerTime(now)).toBe(now + 1_000)
    now += 2_001
    // Of those that are older, only the newest counts, less what two clocks may have drifted apart since.
    expect(clock.toPeerTime(now)).toBe(Math.floor(now + 700 - 2.001))
  })

  it('comes with the time of the latest round trip', () => {
    const clock = known()
    expect(clock.roundTripMs).toBeUndefined()
    const settle = jest.fn()
    const question = clock.readingFrom({ settle, fail: () => {} })
    now += 12
    question.settle(null, { now })
    expect([clock.roundTripMs, settle.mock.calls]).toEqual([12, [[null, { now }]]])
  })

  it('is taken back by a thousandth of its age', () => {
    const clock = known()
    clock.read(now + 500)
    now += 3_600_000
    expect(clock.toPeerTime(now)).toBe(now + 500 - 3_600)
  })

  it('is replaced as a whole by what a refusal tells, and forgotten where that tells nothing', () => {
    const onKnown = jest.fn()
    const clock = known(onKnown)
    clock.read(now + 5_000)
    clock.replace(now - 5_000)
    expect(clock.toPeerTime(now)).toBe(now - 5_000)
    clock.replace(undefined)
    expect(clock.isKnown).toBe(false)
    clock.read(now)
    expect(onKnown).toHaveBeenCalledTimes(3)
  })

  it('is refuted by a refusal: what it tells is proven to the peer, which is asked where it tells nothing', () => {
    const ping = jest.fn()
    const fetch = jest.fn(() => true)
    const clock = known()
    clock.read(now + 5_000)
    clock.refuted(now - 5_000, { fetch, ping })
    expect(clock.toPeerTime(now)).toBe(now - 5_000)
    expect([ping.mock.calls, fetch.mock.calls]).toEqual([[[{ now: now - 5_000 }]], []])
    clock.refuted(undefined, { fetch, ping })
    expect([clock.isKnown, ping.mock.calls.length, fetch.mock.calls.length]).toEqual([false, 1, 1])
  })

  it('is kept where a refusal tells nothing and the peer can not be asked yet: calls wait for no pause', () => {
    const clock = known()
    clock.read(now + 5_000)
    clock.refuted(undefined, { fetch: () => false, ping: () => {} })
    expect(clock.toPeerTime(now)).toBe(now + 5_000)
  })

  const nonsense = [undefined, null, 'soon', NaN, Infinity, -1, 0, 1e300, {}]
  it.each(nonsense.map(told => [told]))('is not changed by %p', told => {
    const clock = known()
    clock.read(told)
    expect(clock.isKnown).toBe(false)
  })

  it('takes no more memory however many samples a peer sends', () => {
    const clock = known()
    for (let n = 0; n < 10_000; n++) clock.read(now - n)
    expect(Reflect.get(clock, 'samples')).toHaveLength(16)
    expect(clock.toPeerTime(now)).toBeLessThanOrEqual(now)
  })

  it('is read from the answers to requests', () => {
    const clock = known()
    const settle = jest.fn()
    const { settle: read } = clock.readingFrom({ settle, fail: () => {} })
    read(null, { now: now + 9 })
    expect(clock.toPeerTime(now)).toBe(now + 9)
    expect(settle).toHaveBeenCalledWith(null, { now: now + 9 })
  })
})

const ppm = fc.integer({ min: -500, max: 500 })
const setup = fc.record({ hostPpm: ppm, callerPpm: ppm, skew: fc.integer({ min: -1e7, max: 1e7 }) })
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
/** Idle for so long at most: over longer times two clocks drift apart by more than the alarm takes for nothing. */
const after = fc.oneof({ weight: 8, arbitrary: upTo(500) }, upTo(100_000))
const timeout = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 100, max: 20_000 }))
const talk = fc.constantFrom<Step['kind']>('tell', 'tell', 'call', 'call', 'call')
const step = (kind: fc.Arbitrary<Step['kind']>, ms: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.record({ kind, after, ms, timeout })
const talking = step(talk, fc.oneof({ weight: 5, arbitrary: upTo(20) }, upTo(2_999)))
/** Suspensions that are longer than what the alarm takes for nothing, and what clocks may have drifted meanwhile. */
const fault = fc.constantFrom<Step['kind']>('freeze', 'suspend', 'suspendCaller', 'set')
const faults = step(fault, fc.integer({ min: 5_000, max: 60_000 }))

function simulate (clocks: ConstructorParameters<typeof TwoClocks>[0], steps: readonly Step[]): readonly Verdict[] {
  const world = new TwoClocks(clocks)
  world.run(steps)
  return world.verdicts
}

describe('two nodes whose clocks differ and drift by up to 500 ppm', () => {
  /** Clocks also drift apart while a request is under way: its deadline is off by a thousandth of that at most. */
  const isLate = ({ verdict, left, wait }: Verdict): boolean => verdict === 'started' && left <= -wait * 0.0011

  it('never start a call late, whatever is frozen, suspended, set or delayed', () => {
    const weighted = fc.oneof({ weight: 5, arbitrary: talking }, { weight: 1, arbitrary: faults })
    fc.assert(fc.property(setup, fc.array(weighted, { maxLength: 60 }), (clocks, steps) => {
      expect(simulate(clocks, steps).filter(isLate)).toEqual([])
    }), { numRuns: 400 })
  })

  it.each<[string, Parameters<typeof simulate>]>([
    ['told its clock in the millisecond in which it is suspended', [{ hostPpm: 0, callerPpm: 0, skew: 0 }, [
      { kind: 'call', after: 5_001, ms: 19, timeout: 25 }, { kind: 'suspend', after: 19, ms: 5_000, timeout: 1 }
    ]]],
    ['is frozen until the deadline of a caller whose clock is faster', [{ hostPpm: 0, callerPpm: 400, skew: 0 }, [
      { kind: 'freeze', after: 0, ms: 5_015, timeout: 1 }, { kind: 'call', after: 16, ms: 0, timeout: 5_001 }
    ]]]
  ])('start no call late at a host that %s', (_host, [clocks, steps]) => {
    expect(simulate(clocks, steps).filter(isLate)).toEqual([])
  })

  it('refuse no call that has more time left than the last sample was under way, and a thousandth of its age', () => {
    fc.assert(fc.property(setup, fc.array(talking, { maxLength: 60 }), (clocks, steps) => {
      const wrong = simulate(clocks, steps).filter(({ verdict, left, sample: { delay, age } }) =>
        verdict === 'refused' && left > delay * 1.002 + age * 0.002 + 3)
      expect(wrong).toEqual([])
    }), { numRuns: 200 })
  })

  it('lose no call to a clock that is set: each is sent again, and then runs', () => {
    const set: Step = { kind: 'set', after: 1_000, ms: 3_600_000, timeout: 0 }
    const call: Step = { kind: 'call', after: 300, ms: 1, timeout: 5_000 }
    const verdicts = simulate({ hostPpm: 0, callerPpm: 0, skew: 77 }, [call, set, call, call])
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['started', 'alarm', 'started', 'started'])
  })
})
