import { setImmediate as nextTurn } from 'node:timers/promises'
import { TurnClock } from '../../lib/inspection/turn-clock'

/** Takes long enough for the clock to show it. */
function work (): void {
  const end = performance.now() + 0.1
  while (performance.now() < end);
}

describe('the clock of calls that end', () => {
  it('is read once for those that end together on a busy node', () => {
    const clock = new TurnClock()
    const first = clock.end(100)
    work()
    expect(clock.end(100)).toBe(first)
  })

  it('is read again after a call has begun, and when all promises have run', async () => {
    const clock = new TurnClock()
    const first = clock.end(100)
    work()
    clock.begin()
    const second = clock.end(100)
    expect(second).toBeGreaterThan(first)
    await nextTurn()
    expect(clock.end(100)).toBeGreaterThan(second)
  })

  it('is read for each call of a node that is not busy', () => {
    const clock = new TurnClock()
    const first = clock.end(1)
    work()
    expect(clock.end(1)).toBeGreaterThan(first)
  })
})
