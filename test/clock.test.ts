import { meshNow } from '../lib/clock'

describe('the mesh clock', () => {
  it('looks like milliseconds since 1970, and does not go back', () => {
    const wall = Date.now()
    const first = meshNow()
    expect(Math.abs(first - wall)).toBeLessThan(60_000)
    expect(meshNow()).toBeGreaterThanOrEqual(first)
  })

  it('does not follow a step of the wall clock', () => {
    const before = meshNow()
    jest.useFakeTimers({ now: 0, doNotFake: ['performance'] })
    try {
      expect(Date.now()).toBe(0)
      expect(meshNow()).toBeGreaterThanOrEqual(before)
    } finally {
      jest.useRealTimers()
    }
  })
})
