import { violationsOf } from './history/checker'
import type { Entry, Method } from './history/journal'
import { isGentle, scheduleOf } from './history/schedule'

const called = (method: Method = 'write', timeout = 1_000): Entry =>
  ({ kind: 'called', id: 'a', at: 0, call: { method, timeout } })
const ran = (at = 1): Entry => ({ kind: 'run', id: 'a', at })
const answered = (at = 2): Entry => ({ kind: 'answered', id: 'a', at })
const failed = (outcome?: string): Entry =>
  ({ kind: 'failed', id: 'a', at: 3, failure: { name: 'Timeout', message: 'm', outcome } })
const emitted = (number: number): Entry => ({ kind: 'emitted', by: 'replica', number })
/** Before the caller listens, or after. */
const joined = (number: number, at = 10): Entry => ({ kind: 'joined', by: 'replica', number, at })
const EARLY = -1
const heard = (number: number): Entry => ({ kind: 'heard', by: 'replica', number })
const numbers = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n)
const gap = (missed?: number): Entry => ({ kind: 'gap', reason: 'slow', missed })

function found (replica: readonly Entry[], caller: readonly Entry[], isGentleWorld = false): string[] {
  return foundIn({ replica, caller }, isGentleWorld)
}

/** Of processes of which some have ended; whoever is called `caller` listens from the time 0 on. */
function foundIn (
  { caller = [], ...others }: Readonly<Record<string, readonly Entry[]>>, isGentleWorld = false,
  ended: readonly string[] = []
): string[] {
  const journals = new Map(Object.entries(others)).set('caller', [{ kind: 'listening', at: 0 }, ...caller])
  return violationsOf({ journals, ended: new Set(ended), isGentle: isGentleWorld })
}

const of = (by: string, entries: readonly Entry[]): Entry[] => entries.map(entry => ({ ...entry, by }) as Entry)

describe('the checker of a history', () => {
  it.each<[string, Entry[], Entry[]]>([
    ['a call that ran and was answered', [ran()], [called(), answered()]],
    ['an idempotent call that ran twice', [ran(), ran()], [called('read'), answered()]],
    ['a call that may have run, and did not', [], [called(), failed('unknown')]],
    ['a call that was not sent', [], [called(), failed('not-sent')]],
    ['events in order', [1, 2, 3].map(emitted), [2, 3].map(heard)],
    ['a hole that was told with its number', [1, 2, 3, 4].map(emitted), [heard(1), gap(2), heard(4)]],
    ['a hole of which nobody knows the number', [1, 2, 3, 4].map(emitted), [heard(1), gap(), heard(4)]],
    ['a lost end that was told', [1, 2, 3].map(emitted), [heard(1), gap(2)]],
    ['what a replica emitted as it joined again, if it was told', [emitted(1), joined(2), emitted(2), emitted(3)],
      [heard(1), gap(1), heard(3)]],
    ['what a replica emitted before anybody listened', [joined(1, EARLY), ...[1, 2, 3].map(emitted)], [heard(3)]],
    ['a hole that was told in parts', [1, 2, 3, 4, 5].map(emitted), [heard(1), gap(), gap(1), gap(), gap(2), heard(5)]],
    ['a crash after a hole that was told', numbers(1, 9).map(emitted), [heard(1), gap(), gap(3), gap()]],
    ['a replica of which nothing but its number was told', [joined(1), ...[1, 2, 3].map(emitted)], [gap(3)]]
  ])('accepts %s', (_what, replica, caller) => {
    expect(found(replica, caller)).toEqual([])
  })

  it.each<[string, Entry[], Entry[], RegExp]>([
    ['a call that ran twice', [ran(), ran()], [called(), answered()], /ran 2 times/],
    ['a call that was answered without a run', [], [called(), answered()], /never ran/],
    ['a call that was sent after all', [ran()], [called(), failed('not-sent')], /not to have been sent/],
    ['a call that began after its time', [ran(1_500)], [called(), failed('unknown')], /began 500 ms after/],
    ['a call that never settled', [ran()], [called()], /never settled/],
    ['a call that settled late', [ran()], [called(), answered(9_000)], /settled 8000 ms late/],
    ['a failure without an outcome', [], [called(), failed()], /outcome is not told/],
    ['an idempotent call that failed with time left', [], [called('read', 8_000), failed('unknown')], /another replica/],
    ['a hole that nobody told', [1, 2, 3].map(emitted), [heard(1), heard(3)], /missed replica 2 to 2/],
    ['a lost end before a replica joined again', [emitted(1), emitted(2), joined(3), emitted(3)], [heard(1), heard(3)],
      /missed replica 2 to 2/],
    ['a hole told elsewhere', [1, 2, 3].map(emitted), [gap(1), heard(1), heard(3)], /not told/],
    ['a hole told too small', [1, 2, 3, 4, 5].map(emitted), [heard(1), gap(1), heard(5)], /was told of 1/],
    ['an event heard twice', [1, 2].map(emitted), [heard(1), heard(1), heard(2)], /heard replica 1 after 1/],
    ['events out of order', [1, 2, 3].map(emitted), [heard(1), heard(3), heard(2)], /2 after 3/],
    ['a lost end that nobody told', [1, 2, 3].map(emitted), [heard(1)], /missed replica 2 to 3/],
    ['a replica that was never heard', [joined(1), ...[1, 2, 3].map(emitted)], [], /missed replica 1 to 3, and was not told/],
    ['an earlier replica that was never heard', [joined(1, EARLY), ...[1, 2, 3].map(emitted)], [], /missed replica 1 to 3/],
    ['a replica that was not heard again after it joined again', [emitted(1), joined(2), emitted(2)], [heard(1)],
      /missed replica 2 to 2/],
    ['what a replica emitted as it joined, if nobody told', [joined(1), ...[1, 2, 3].map(emitted)], [heard(3)],
      /missed replica 1 to 2, and was not told/],
    ['a second hole after one of which nobody knows the number', numbers(1, 6).map(emitted),
      [heard(1), gap(), heard(3), heard(4), heard(6)], /missed replica 5 to 5, and was not told/],
    ['a hole after one that was told with too much', numbers(1, 6).map(emitted),
      [heard(1), gap(2), heard(3), heard(4), heard(6)], /missed replica 5 to 5, and was not told/],
    ['a hole that was told too large', [1, 2, 3].map(emitted), [heard(1), gap(2), heard(3)], /told of 2/],
    ['a told hole that there was not', [1, 2].map(emitted), [heard(1), gap(1), heard(2)], /told of 1 events that it did not miss/],
    ['a process that ended', [{ kind: 'fault', message: 'Error: no' }], [], /a process ended/]
  ])('finds %s', (_what, replica, caller, expected) => {
    expect(found(replica, caller).join('\n')).toMatch(expected)
  })

  it.each<[string, Entry[], Entry[], RegExp]>([
    ['a failure', [], [called(), failed('unknown')], /nothing happened that allows it/],
    ['a gap without a number', [1, 2].map(emitted), [heard(1), gap(), heard(2)], /told 1 gaps without a number/],
    ['a lost event, even if it was told', [1, 2, 3].map(emitted), [heard(1), gap(1), heard(3)], /nothing happened that allows/]
  ])('finds %s where nothing harsh was done', (_what, replica, caller, expected) => {
    expect(found(replica, caller, true).join('\n')).toMatch(expected)
  })
})

describe('the checker of what a listener heard of several replicas', () => {
  const first = of('first', [1, 2, 3].map(emitted))
  const second = of('second', [1, 2, 3].map(emitted))
  const heardOf = (by: string, number: number): Entry => ({ kind: 'heard', by, number })

  it('lets a gap without a number excuse one replica only', () => {
    const caller = [heardOf('first', 1), heardOf('second', 1), gap(), heardOf('first', 3), heardOf('second', 3)]
    expect(foundIn({ first, second, caller })).toEqual([expect.stringMatching(/missed \w+ 2 to 2, and was not told/)])
    caller.splice(3, 0, gap())
    expect(foundIn({ first, second, caller })).toEqual([])
  })

  it('gives each gap to the hole that it fits', () => {
    const caller = [
      heardOf('second', 1), gap(), heardOf('first', 1), gap(1), heardOf('second', 3), heardOf('first', 3)
    ]
    expect(foundIn({ first, second, caller })).toEqual([])
  })

  it('explains as many numbers as it can, before gaps without one', () => {
    const late = of('late', [joined(1), ...[1, 2, 3].map(emitted)])
    const caller = [heardOf('first', 2), gap(), heardOf('second', 3), gap(2), heardOf('late', 3), gap(), gap(3)]
    const last = of('last', [joined(1), ...[1, 2, 3].map(emitted)])
    expect(foundIn({ first, second, late, last, caller })).toEqual([])
  })

  it('finds a replica that one of two listeners never heard', () => {
    const other: Entry[] = [{ kind: 'listening', at: 0 }]
    const found = foundIn({ first, other, caller: [1, 2, 3].map(number => heardOf('first', number)) })
    expect(found).toEqual(['other missed first 1 to 3, and was not told'])
  })

  it('does not ask for the events of a replica that ended before a node could meet it, but of one that lived', () => {
    const lived = (count: number): string[] =>
      foundIn({ first: of('first', [joined(1), ...numbers(1, count).map(emitted)]), caller: [] }, false, ['first'])
    expect(lived(20)).toEqual([])
    expect(lived(1_000)).toEqual(['caller missed first 1 to 1000, and was not told'])
  })
})

describe('a schedule', () => {
  it('is the same for the same seed', () => {
    const options = { length: 8, canBeApart: true }
    expect(scheduleOf(7, options)).toEqual(scheduleOf(7, options))
    expect(scheduleOf(7, options)).not.toEqual(scheduleOf(8, options))
  })

  it('is of each kind among a hundred seeds, gentle ones included', () => {
    const schedules = Array.from({ length: 100 }, (_, seed) => scheduleOf(seed, { length: 8, canBeApart: true }))
    const kinds = new Set(schedules.flatMap(({ faults }) => faults.map(({ kind }) => kind)))
    expect([...kinds].sort()).toEqual(['cut', 'freeze', 'kill', 'rejoin', 'reset', 'restart', 'rotate', 'step'])
    expect(schedules.filter(isGentle).length).toBeGreaterThan(30)
    expect(schedules.filter(schedule => !isGentle(schedule)).length).toBeGreaterThan(30)
  })
})
