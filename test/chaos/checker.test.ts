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
const joined = (number: number): Entry => ({ kind: 'joined', by: 'replica', number })
const heard = (number: number): Entry => ({ kind: 'heard', by: 'replica', number })
const gap = (missed?: number): Entry => ({ kind: 'gap', reason: 'slow', missed })

function found (replica: readonly Entry[], caller: readonly Entry[], isGentleWorld = false): string[] {
  return violationsOf({ journals: new Map([['replica', replica], ['caller', caller]]), isGentle: isGentleWorld })
}

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
    ['what a replica emitted as it joined again', [emitted(1), joined(2), emitted(2), emitted(3)], [heard(1), heard(3)]]
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
