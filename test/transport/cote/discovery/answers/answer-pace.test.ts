import { setImmediate as nextTurn } from 'node:timers/promises'
import { AnswerPace } from '../../../../../lib/transport/cote/discovery/answers/answer-pace'

describe('answers to newcomers', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it.each([
    [100, 2 * 10 + 4], [200, 10 + 4], [1_000, 10 + 4]
  ])('are shared by more newcomers in a mesh of %i nodes, but for the first one', (nodes, most) => {
    const pace = new AnswerPace(() => nodes)
    expect(pace.waitMs).toBeLessThanOrEqual(Math.min(200, nodes) / 4)
    let answers = 0
    for (let at = 0; at < 10_000; answers++) {
      const wait = Math.ceil(pace.waitMs)
      expect(wait).toBeLessThanOrEqual(1_100)
      at += wait
      jest.advanceTimersByTime(wait)
      pace.onAnswer()
    }
    expect(answers).toBeLessThanOrEqual(most)
  })

  it('come at once, and at once again after a while without newcomers', () => {
    const pace = new AnswerPace(() => 10)
    for (let n = 0; n < 3; n++) {
      expect(pace.waitMs).toBeLessThanOrEqual(5)
      pace.onAnswer()
      jest.advanceTimersByTime(10_000)
    }
  })

  it('are few while newcomers go on coming, and never late', () => {
    const pace = new AnswerPace(() => 10)
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

describe('a node', () => {
  const turn = async (pace: AnswerPace, packets: number): Promise<void> => {
    for (let n = 0; n < packets; n++) pace.onPacket()
    await nextTurn()
  }

  it('has too much to do while a turn brings as many packets as it can, or its timers are late', async () => {
    const pace = new AnswerPace(() => 100)
    expect([pace.isBehind(0), pace.isBehind(150)]).toEqual([false, true])
    await turn(pace, 31)
    expect(pace.isBehind(0)).toBe(false)
    await turn(pace, 32)
    expect(pace.isBehind(0)).toBe(true)
    await turn(pace, 1)
    expect(pace.isBehind(0)).toBe(false)
    await turn(pace, 32)
    await nextTurn()
    expect(pace.isBehind(0)).toBe(false)
  })

  it('answers a newcomer alone that comes alone, and others only while no packets wait', async () => {
    const pace = new AnswerPace(() => 100)
    await turn(pace, 32)
    expect(pace.isQuiet).toBe(true)
    pace.onAnswerAlone()
    expect(pace.isQuiet).toBe(false)
    await turn(pace, 1)
    expect(pace.isQuiet).toBe(true)
  })

  it('has time again as soon as packets come one by one', async () => {
    const pace = new AnswerPace(() => 100)
    await turn(pace, 64)
    expect(pace.isBehind(0)).toBe(true)
    await turn(pace, 1)
    expect(pace.isBehind(0)).toBe(false)
    for (let n = 0; n < 40; n++) await turn(pace, 1)
    expect([pace.isBehind(0), pace.isQuiet]).toEqual([false, true])
  })

  it('never has too much to do in a small mesh, whatever anybody sends', async () => {
    const pace = new AnswerPace(() => 19)
    await turn(pace, 1_000)
    expect(pace.isBehind(1_000)).toBe(false)
  })
})
