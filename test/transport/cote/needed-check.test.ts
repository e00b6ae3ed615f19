import { NeededCheck } from '../../../lib/transport/cote/needed-check'

describe('a check that is made while it is needed', () => {
  let checks = 0
  let isNeeded = true
  let check: NeededCheck

  beforeEach(() => {
    jest.useFakeTimers()
    checks = 0
    isNeeded = true
    check = new NeededCheck(() => {
      checks++
      return isNeeded
    }, 100)
  })

  afterEach(() => jest.useRealTimers())

  it('is not made before it begins, and pauses until it begins again', () => {
    jest.advanceTimersByTime(1_000)
    check.begin()
    check.begin()
    jest.advanceTimersByTime(250)
    expect(checks).toBe(2)
    isNeeded = false
    jest.advanceTimersByTime(1_000)
    expect([checks, jest.getTimerCount()]).toEqual([3, 0])
    check.begin()
    jest.advanceTimersByTime(100)
    expect(checks).toBe(4)
  })

  it('is never made again when it has ended', () => {
    check.begin()
    check.end()
    check.begin()
    jest.advanceTimersByTime(1_000)
    expect([checks, jest.getTimerCount()]).toEqual([0, 0])
  })
})
