import { AskerLimits, askerOf } from '../../lib/inspection/asker-limits'

beforeEach(() => { jest.useFakeTimers() })
afterEach(() => { jest.useRealTimers() })

const admitted = (limits: AskerLimits, asker: string, count: number): number =>
  Array.from({ length: count }, () => limits.admit(asker)).filter(Boolean).length

describe('the limits of askers', () => {
  it('admit ten questions of one, and five a second after that', () => {
    const limits = new AskerLimits()
    expect(admitted(limits, 'a', 100)).toBe(10)
    jest.advanceTimersByTime(1_000)
    expect(admitted(limits, 'a', 100)).toBe(5)
  })

  it('admit forty of all askers together', () => {
    const limits = new AskerLimits()
    const all = Array.from({ length: 2_000 }, (_, n) => admitted(limits, `asker ${n}`, 1))
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(40)
  })

  it('know the thousand askers that asked last', () => {
    const limits = new AskerLimits()
    const askAll = (count: number): void => { for (let n = 0; n < count; n++) limits.admit(`asker ${n}`) }
    expect(admitted(limits, 'a', 100)).toBe(10)
    askAll(999)
    jest.advanceTimersByTime(1_000)
    expect(admitted(limits, 'a', 100)).toBe(5)
    askAll(1_000)
    jest.advanceTimersByTime(1_000)
    expect(admitted(limits, 'a', 100)).toBe(10)
  })

  it('leave others their share when one asks all the time', () => {
    const limits = new AskerLimits()
    admitted(limits, 'a', 1_000)
    expect(admitted(limits, 'b', 5)).toBe(5)
  })
})

describe('an asker', () => {
  it('is a node, or the address of one that does not say who it is', () => {
    const address = '127.0.0.1'
    const stated = { key: 'k', proven: false, address }
    const proven = { node: 'n', proven: true, address }
    expect(askerOf({ proven: false, address })).toBe('address 127.0.0.1')
    expect(askerOf({ ...stated, node: 'n' })).not.toBe(askerOf({ ...stated, node: 'm' }))
    expect(askerOf({ ...proven, key: 'k' })).not.toBe(askerOf({ ...proven, key: 'l' }))
  })
})
