import { Inquiry } from '../../../../lib/transport/cote/legacy/inquiry'

beforeEach(() => { jest.useFakeTimers() })
afterEach(() => { jest.useRealTimers() })

/** An inquiry that has begun, and the milliseconds after which it asked each time. */
function begun (): { inquiry: Inquiry, asked: number[] } {
  const asked: number[] = []
  const start = Date.now()
  const inquiry = new Inquiry(() => asked.push(Date.now() - start))
  inquiry.begin()
  return { inquiry, asked }
}

const HOUR = 3_600_000

describe('an old node', () => {
  it('is asked at once, and again after a pause that grows, for as long as it tells nothing', () => {
    const { asked } = begun()
    jest.advanceTimersByTime(HOUR)
    const pauses = asked.slice(1).map((at, n) => at - asked[n])
    expect(asked[0]).toBe(0)
    expect(pauses.slice(0, 4)).toEqual([250, 500, 1_000, 2_000])
    expect(pauses.every((pause, n) => n === 0 || pause >= pauses[n - 1])).toBe(true)
    expect(pauses.at(-1)).toBe(300_000)
  })

  it('is asked twice though it told something at once, which need not have been the answer', () => {
    const { inquiry, asked } = begun()
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0, 250])
  })

  it('is asked no more when it has told something', () => {
    const { inquiry, asked } = begun()
    jest.advanceTimersByTime(1_000)
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0, 250, 750])
  })

  it('is asked anew over a new connection', () => {
    const { inquiry, asked } = begun()
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    inquiry.begin()
    jest.advanceTimersByTime(1_000)
    expect(asked).toEqual([0, 250, HOUR, HOUR + 250, HOUR + 750])
  })

  it('is asked nothing when its connection has ended', () => {
    const { inquiry, asked } = begun()
    inquiry.end()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0])
    expect(jest.getTimerCount()).toBe(0)
  })
})
