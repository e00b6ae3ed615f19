import { Deadlines, type TimedCall } from '../../../../lib/remote/call/limits/deadlines'
import { until } from '../../../until'

/** A call that only knows when its time is over. */
class Waiting implements TimedCall {
  due = 0
  earlier: TimedCall | undefined
  later: TimedCall | undefined

  constructor (private readonly name: string, private readonly over: string[]) {}

  onDeadline (): void {
    this.over.push(this.name)
  }
}

const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

describe('the queue of deadlines', () => {
  it('ends calls with equal timeouts in the order in which they began, and shorter ones first', async () => {
    const deadlines = new Deadlines()
    const over: string[] = []
    const add = (name: string, time: number): void => { deadlines.add(new Waiting(name, over), time) }
    add('long', 60)
    add('first', 5)
    add('second', 5)
    add('third', 5)
    await until(() => over.length === 4)
    expect(over).toEqual(['first', 'second', 'third', 'long'])
  })

  it('skips calls that have ended, wherever they stand, and tolerates a second delete', async () => {
    const deadlines = new Deadlines()
    const over: string[] = []
    const calls = ['a', 'b', 'c', 'd', 'e'].map(name => new Waiting(name, over))
    const queues = calls.map(call => deadlines.add(call, 10))
    for (const n of [0, 2, 4, 4]) queues[n]?.delete(calls[n])
    await until(() => over.length === 2)
    expect(over).toEqual(['b', 'd'])
  })

  it('never ends a call early', async () => {
    const deadlines = new Deadlines()
    const over: string[] = []
    const call = new Waiting('late', over)
    deadlines.add(call, 5)
    const { due } = call
    await until(() => over.length === 1)
    expect(performance.now()).toBeGreaterThan(due - 1)
  })

  it('continues when a call begins while another one ends', async () => {
    const deadlines = new Deadlines()
    const over: string[] = []
    const next = new Waiting('next', over)
    const first = new Waiting('first', over)
    first.onDeadline = () => {
      over.push('first')
      deadlines.add(next, 5)
    }
    deadlines.add(first, 5)
    await until(() => over.length === 2)
    expect(over).toEqual(['first', 'next'])
  })

  it('is not delayed by a call that begins while another one ends', async () => {
    const deadlines = new Deadlines()
    const over: string[] = []
    const [first, second, third] = ['first', 'second', 'third'].map(name => new Waiting(name, over))
    const time = 1_000
    first.onDeadline = () => {
      over.push('first')
      // The second is due long before this one.
      deadlines.add(third, time)
    }
    second.onDeadline = () => over.push(performance.now() < third.due ? 'second' : 'second, put off')
    deadlines.add(first, time)
    // No timer runs meanwhile: the second begins before the first is over, however busy the machine is.
    while (performance.now() < first.due - time + 20);
    deadlines.add(second, time)
    await until(() => over.length >= 2)
    expect(over).toEqual(['first', 'second'])
    await until(() => over.length === 3)
  })

  it('keeps the process alive only while a call waits', () => {
    const deadlines = new Deadlines()
    const before = timers()
    const calls = Array.from({ length: 20 }, (_, n) => new Waiting(String(n), []))
    const queues = calls.map(call => deadlines.add(call, 60_000))
    expect(timers()).toBe(before + 1)
    calls.forEach((call, n) => queues[n]?.delete(call))
    expect(timers()).toBe(before)
    const again = new Waiting('again', [])
    const queue = deadlines.add(again, 60_000)
    expect(timers()).toBe(before + 1)
    queue.delete(again)
    expect(timers()).toBe(before)
  })
})
