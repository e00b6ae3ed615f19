import type { TapBatch } from '../../lib/inspection/records'
import { Tap, TappedPassage, type Passage, type TapWish } from '../../lib/inspection/tap'
import { Taps } from '../../lib/inspection/taps'
import type { IncomingCall } from '../../lib/transport/transport'

const ALL: TapWish = { sides: new Set(['served', 'called', 'sent', 'received']), payloads: true }
const SIGHT = { mayCall: () => true, mayHear: () => true, seesRemotes: true }

const event = (payload: unknown = 1, name = 'created'): Passage => ({ side: 'sent', path: 'todos', name, payload })

interface Question extends IncomingCall {
  readonly answers: unknown[]
}

function question (): Question {
  const answers: unknown[] = []
  const request = { method: 'mesh:inspect', key: '', path: '' }
  return { request, answers, reply: (_error, value) => answers.push(value) }
}

beforeEach(() => { jest.useFakeTimers() })
afterEach(() => { jest.useRealTimers() })

describe('a tap', () => {
  it('tells a thousand records a second, and counts the others', () => {
    const tap = new Tap('a', ALL, SIGHT)
    for (let n = 0; n < 1_500; n++) tap.take(new TappedPassage(event()))
    const { records, lost } = tap.next()
    expect([records.length, lost, tap.hasNews]).toEqual([1_000, 500, false])
    for (let n = 0; n < 300; n++) tap.take(new TappedPassage(event()))
    expect(tap.next()).toMatchObject({ records: [], lost: 300 })
    jest.advanceTimersByTime(1_000)
    tap.take(new TappedPassage(event()))
    expect(tap.next().records.length).toBe(1)
  })

  it('keeps a thousand records for an asker that does not ask', () => {
    const tap = new Tap('a', ALL, SIGHT)
    for (let second = 0; second < 3; second++) {
      for (let n = 0; n < 600; n++) tap.take(new TappedPassage(event()))
      jest.advanceTimersByTime(1_000)
    }
    expect([tap.next()].map(({ records, lost }) => [records.length, lost])).toEqual([[1_000, 800]])
  })

  it('keeps nothing that has a longer name than a contract may have, and counts it', () => {
    const mayHear = jest.fn(() => true)
    const tap = new Tap('a', ALL, { ...SIGHT, mayHear })
    tap.take(new TappedPassage(event(1, 'x'.repeat(201))))
    tap.take(new TappedPassage({ ...event(), path: 'x'.repeat(1_001) }))
    expect(mayHear).not.toHaveBeenCalled()
    expect(tap.next()).toEqual({ tap: 'a', records: [], lost: 2 })
    tap.take(new TappedPassage({ ...event(1, 'x'.repeat(200)), path: 'x'.repeat(1_000) }))
    expect(tap.next().records).toHaveLength(1)
  })

  it('tells payloads of 16 kB, and a megabyte of them at a time', () => {
    const tap = new Tap('a', ALL, SIGHT)
    tap.take(new TappedPassage(event('x'.repeat(20_000))))
    for (let n = 0; n < 100; n++) tap.take(new TappedPassage(event('x'.repeat(15_000))))
    const told = tap.next().records.filter(({ payload }) => payload !== undefined)
    expect(told.every(({ payload = '' }) => payload.length < 16_384)).toBe(true)
    expect(told.length).toBe(69)
  })

  it('leaves out a payload that can\'t be sent', () => {
    const tap = new Tap('a', ALL, SIGHT)
    tap.take(new TappedPassage(event(() => 7)))
    expect(tap.next().records).toEqual([expect.not.objectContaining({ payload: expect.anything() })])
  })

  it('asks once a second whether its asker may see a method', () => {
    const mayCall = jest.fn(() => false)
    const tap = new Tap('a', ALL, { ...SIGHT, mayCall })
    const call = (name: string): TappedPassage => new TappedPassage({ ...event(1, name), side: 'served', error: null })
    for (let n = 0; n < 100; n++) tap.take(call('find'))
    expect(mayCall.mock.calls.length).toBe(1)
    for (let n = 0; n < 1_500; n++) tap.take(call(`method${n}`))
    for (let n = 0; n < 10; n++) tap.take(call('method1499'))
    // A thousand answers are remembered.
    expect(mayCall.mock.calls.length).toBe(1_511)
    expect(tap.hasNews).toBe(false)
  })
})

describe('the taps of a node', () => {
  it('answer when something passes, or after a second', () => {
    const taps = new Taps()
    const id = taps.add(ALL, SIGHT, 'asker') ?? ''
    const [first, second] = [question(), question()]
    taps.ask(id, 'asker', first)
    jest.advanceTimersByTime(500)
    taps.take(event())
    taps.take(event())
    expect(first.answers).toEqual([])
    jest.advanceTimersByTime(100)
    expect((first.answers[0] as TapBatch).records.length).toBe(2)
    taps.ask(id, 'asker', second)
    jest.advanceTimersByTime(1_000)
    expect(second.answers).toEqual([{ tap: id, records: [], lost: 0 }])
    taps.close()
  })

  it('hold one question of each asker: an earlier one is answered', () => {
    const taps = new Taps()
    const id = taps.add(ALL, SIGHT, 'asker') ?? ''
    const [first, second] = [question(), question()]
    taps.ask(id, 'asker', first)
    taps.ask(id, 'asker', second)
    expect([first.answers.length, second.answers.length]).toEqual([1, 0])
    taps.close()
    expect(second.answers).toEqual([{}])
  })

  it('answer nobody but the asker that opened a tap', () => {
    const taps = new Taps()
    const id = taps.add(ALL, SIGHT, 'asker') ?? ''
    const other = question()
    taps.take(event())
    taps.ask(id, 'other', other)
    taps.delete(id, 'other')
    expect([other.answers, taps.count]).toEqual([[{}], 1])
    taps.delete(id, 'asker')
    expect([taps.count, taps.areOpen]).toEqual([0, false])
  })

  it('are removed when nobody asks for five seconds', () => {
    const taps = new Taps()
    taps.add(ALL, SIGHT, 'asker')
    jest.advanceTimersByTime(4_000)
    expect(taps.count).toBe(1)
    jest.advanceTimersByTime(6_000)
    expect([taps.count, jest.getTimerCount()]).toEqual([0, 0])
  })

  it('forget a question that its asker gives up', () => {
    const taps = new Taps()
    const id = taps.add(ALL, SIGHT, 'asker') ?? ''
    const given = question()
    taps.ask(id, 'asker', given)
    given.onCancel?.()
    taps.take(event())
    jest.advanceTimersByTime(2_000)
    expect(given.answers).toEqual([])
    taps.close()
  })

  it('are at most four, and none while the node leaves', () => {
    const taps = new Taps()
    const ids = Array.from({ length: 5 }, () => taps.add(ALL, SIGHT, 'asker'))
    expect(ids.map(id => id !== undefined)).toEqual([true, true, true, true, false])
    taps.close()
    expect([taps.count, taps.add(ALL, SIGHT, 'asker')]).toEqual([0, undefined])
    taps.begin()
    expect(taps.add(ALL, SIGHT, 'asker')).toBeDefined()
    taps.close()
  })
})
