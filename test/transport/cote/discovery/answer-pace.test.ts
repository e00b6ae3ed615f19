import { AnswerPace } from '../../../../lib/transport/cote/discovery/answer-pace'

describe('answers to newcomers', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('come at once, and at once again after a while without newcomers', () => {
    const pace = new AnswerPace()
    for (let n = 0; n < 3; n++) {
      expect(pace.waitMs).toBeLessThanOrEqual(5)
      pace.onAnswer()
      jest.advanceTimersByTime(10_000)
    }
  })

  it('are few while newcomers go on coming, and never late', () => {
    const pace = new AnswerPace()
    const waits: number[] = []
    for (let at = 0, answers = 0; at < 3_000 && answers < 1_000; answers++) {
      const wait = Math.ceil(pace.waitMs)
      waits.push(wait)
      at += wait
      jest.advanceTimersByTime(wait)
      pace.onAnswer()
    }
    expect(waits.length).toBeLessThan(50)
    expect(Math.max(...waits)).toBeLessThanOrEqual(106)
  })
})
