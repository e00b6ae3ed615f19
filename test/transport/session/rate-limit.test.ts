import { RateLimit } from '../../../lib/transport/session/rate-limit'

/** The milliseconds for which a source was not read, one after the other. */
class Source {
  readonly pauses: number[] = []
  private pausedAt = 0
  readonly pause = (): void => { this.pausedAt = performance.now() }
  readonly resume = (): void => { this.pauses.push(performance.now() - this.pausedAt) }
}

describe('a limit of the messages in a second', () => {
  let source: Source
  let limit: RateLimit

  beforeEach(() => {
    jest.useFakeTimers()
    source = new Source()
    limit = new RateLimit(source, 100, () => {})
  })
  afterEach(() => {
    limit.stop()
    jest.useRealTimers()
  })

  const count = (messages: number): void => { for (let n = 0; n < messages; n++) limit.count() }

  it('lets as many messages pass as may come, second after second', () => {
    for (let second = 0; second < 5; second++) {
      count(99)
      jest.advanceTimersByTime(1_000)
    }
    expect(source.pauses).toEqual([])
  })

  it('stops reading for the rest of the second in which too many came', () => {
    jest.advanceTimersByTime(400)
    count(100)
    jest.advanceTimersByTime(5_000)
    expect(source.pauses).toEqual([600])
  })

  it('gives nothing for a long silence but one second', () => {
    jest.advanceTimersByTime(60_000)
    count(200)
    jest.advanceTimersByTime(5_000)
    expect(source.pauses).toEqual([1_000])
  })

  it.each([[150, 500], [200, 1_000], [100_000, 1_000]])(
    'stops reading after a message that costs as much as %i, however long nothing came before it', (cost, pause) => {
      jest.advanceTimersByTime(60_000)
      limit.count(cost)
      jest.advanceTimersByTime(60_000)
      expect(source.pauses).toEqual([pause])
    }
  )
})
