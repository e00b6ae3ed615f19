import { Inquiry } from '../../../../lib/transport/cote/legacy/inquiry'

beforeEach(() => { jest.useFakeTimers() })
afterEach(() => { jest.useRealTimers() })

/** An inquiry that has begun, and the milliseconds after which it asked each time. */
function begun (): { inquiry: Inquiry, asked: number[] } {
  const asked: number[] = []
  const start = Date.now()
  const inquiry = new Inquiry(() => asked.push(Date.now() - start))
  inquiry.start()
  return { inquiry, asked }
}

const HOUR = 3_600_000

describe('an old node', () => {
  it('is asked for its services immediately, and again after growing pauses, until it answers', () => {
    const { asked } = begun()
    jest.advanceTimersByTime(HOUR)
    const pauses = asked.slice(1).map((at, n) => at - asked[n])
    expect(asked[0]).toBe(0)
    expect(pauses.slice(0, 4)).toEqual([250, 500, 1_000, 2_000])
    expect(pauses.every((pause, n) => n === 0 || pause >= pauses[n - 1])).toBe(true)
    expect(pauses.at(-1)).toBe(300_000)
  })

  it('is asked a second time even if it answers at once, because that may not be the answer', () => {
    const { inquiry, asked } = begun()
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0, 250])
  })

  it('is not asked again after it has answered', () => {
    const { inquiry, asked } = begun()
    jest.advanceTimersByTime(1_000)
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0, 250, 750])
  })

  it('is asked again over a new connection', () => {
    const { inquiry, asked } = begun()
    inquiry.confirm()
    jest.advanceTimersByTime(HOUR)
    inquiry.start()
    jest.advanceTimersByTime(1_000)
    expect(asked).toEqual([0, 250, HOUR, HOUR + 250, HOUR + 750])
  })

  it('is not asked after its connection has ended', () => {
    const { inquiry, asked } = begun()
    inquiry.stop()
    jest.advanceTimersByTime(HOUR)
    expect(asked).toEqual([0])
    expect(jest.getTimerCount()).toBe(0)
  })
})
