import { meshNow } from '../../../../lib/clock'
import { copyWith, timeLeft, withLazyLimits } from '../../../../lib/remote/call/limits/lazy-limits'

const HOUR_MS = 3_600_000

interface Given { readonly params: Record<string, unknown>, readonly signals: () => number }

function limited (deadline: number, given: Record<string, unknown> = {}): Given {
  let made = 0
  const { signal } = new AbortController()
  const source = {
    deadline,
    get signal () {
      made++
      return signal
    }
  }
  return { params: withLazyLimits(given, source), signals: () => made }
}

/** As if somebody set the clock of the machine. */
function setClock (ms: number): void {
  const real = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => real() + ms)
}

const left = ({ deadline }: { readonly deadline?: unknown }): number => Number(deadline) - Date.now()

afterEach(() => jest.restoreAllMocks())

describe('the deadline in the params of a call', () => {
  it.each([HOUR_MS, -HOUR_MS])('is what is left of the call when it is read, after the clock was set by %i ms', by => {
    const { params } = limited(meshNow() + 60_000)
    expect(left(params)).toBeCloseTo(60_000, -3)
    setClock(by)
    expect(left(params)).toBeCloseTo(60_000, -3)
    expect(left({ ...params })).toBeCloseTo(60_000, -3)
    expect(timeLeft(params)).toBeCloseTo(60_000, -3)
  })

  it('stays so in a copy with another query, which copies neither the signal nor a getter by calling it', () => {
    const { params, signals } = limited(meshNow() + 60_000, { query: { a: 1 } })
    let read = 0
    Object.defineProperty(params, 'user', { get: () => ++read, enumerable: true, configurable: true })
    const copy = copyWith(params, 'query', { a: 2 })
    setClock(HOUR_MS)
    expect([read, signals()]).toEqual([0, 0])
    expect(left(copy)).toBeCloseTo(60_000, -3)
    expect(copy).toMatchObject({ query: { a: 2 }, user: 1, signal: expect.any(AbortSignal) })
    expect(params.query).toEqual({ a: 1 })
  })

  it('is a whole number', () => {
    const { params } = limited(meshNow() + 0.123)
    expect(Number.isInteger(params.deadline)).toBe(true)
  })

  it('is there for everything that looks at the params', () => {
    const { params } = limited(meshNow() + 60_000, { deadline: 1 })
    expect('deadline' in params).toBe(true)
    expect(Object.keys(params).sort()).toEqual(['deadline', 'signal'])
    expect(left(JSON.parse(JSON.stringify(params)) as object)).toBeCloseTo(60_000, -3)
  })

  it('is none for a call without a deadline, whatever its caller gave', () => {
    const { params } = limited(Infinity, { deadline: 1 })
    expect([params.deadline, 'deadline' in params, timeLeft(params)]).toEqual([undefined, false, Infinity])
  })

  it('is what a hook makes of it', () => {
    const { params } = limited(meshNow() + 60_000)
    params.deadline = 5
    expect([params.deadline, { ...params }.deadline]).toEqual([5, 5])
    delete params.deadline
    expect([params.deadline, 'deadline' in params]).toEqual([undefined, false])
  })

  it('stays what it is in params that are frozen', () => {
    const { params } = limited(meshNow() + 60_000)
    Object.freeze(params)
    expect(left(params)).toBeCloseTo(60_000, -3)
    setClock(HOUR_MS)
    expect(left(params)).toBeCloseTo(60_000 - HOUR_MS, -3)
  })

  it('has passed when the call is over, for params and for copies of them', () => {
    const { params } = limited(meshNow() - 10)
    expect(timeLeft(params)).toBeLessThanOrEqual(0)
    expect(timeLeft({ ...params })).toBeLessThanOrEqual(0)
    expect(timeLeft({})).toBe(Infinity)
  })
})
