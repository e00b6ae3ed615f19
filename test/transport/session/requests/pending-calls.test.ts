import { TransportError, type ReplyHandler } from 'feathers-mesh/transport'
import { PendingCalls } from '../../../../lib/transport/session/requests/pending-calls'
import { RequestIds } from '../../../../lib/transport/session/requests/request-ids'
import { random } from '../../cote/collect'

const handler = (): ReplyHandler => ({ settle: () => {}, fail: () => {} })

describe('the pending calls', () => {
  it('return each handler once, by its id', () => {
    const pending = new PendingCalls()
    const [one, two] = [handler(), handler()]
    const [first, second] = [pending.add(one), pending.add(two)]
    expect(pending.size).toBe(2)
    expect(pending.take(second)).toBe(two)
    expect(pending.take(second)).toBeUndefined()
    expect(pending.take(first)).toBe(one)
    expect(pending.size).toBe(0)
  })

  it('return nothing for a late reply, even if its place is used again', () => {
    const pending = new PendingCalls()
    const late = pending.add(handler())
    pending.take(late)
    const later = new Map(Array.from({ length: 100 }, () => {
      const each = handler()
      return [pending.add(each), each]
    }))
    expect(later.has(late)).toBe(false)
    expect(pending.has(late)).toBe(false)
    expect(pending.take(late)).toBeUndefined()
    for (const [id, each] of later) expect(pending.take(id)).toBe(each)
  })

  it('use no id again, whichever connection it is for', () => {
    const connections = [new PendingCalls(), new PendingCalls()]
    const ids = new Set<number>()
    for (let n = 0; n < 10_000; n++) {
      for (const pending of connections) {
        const id = pending.add(handler())
        ids.add(id)
        expect(Number.isSafeInteger(id)).toBe(true)
        pending.take(id)
      }
    }
    expect(ids.size).toBe(20_000)
  })

  it('leave out the ids whose places are taken, also where most are', () => {
    const pending = new PendingCalls()
    const waiting = Array.from({ length: 1_000 }, () => pending.add(handler()))
    // Others wait on, while one after another comes and goes.
    for (let n = 0; n < 5_000; n++) {
      const each = handler()
      const id = pending.add(each)
      expect(pending.size).toBe(1_001)
      expect(pending.take(id)).toBe(each)
    }
    for (const id of waiting) expect(pending.has(id)).toBe(true)
  })

  it.each([
    [-1], [0], [-0], [NaN], [Infinity], [2 ** 40], [2 ** 53], [1e300]
  ])('return nothing for the id %p, which they never issued', id => {
    const pending = new PendingCalls()
    expect(pending.take(id)).toBeUndefined()
    pending.add(handler())
    expect(pending.has(id)).toBe(false)
    expect(pending.take(id)).toBeUndefined()
    expect(pending.size).toBe(1)
  })

  it('take no number for an id that only begins or ends like it', () => {
    const pending = new PendingCalls()
    const id = pending.add(handler())
    for (const other of [id + 0.5, id + 2 ** 32, id - 2 ** 32, id + 4, id + 2 ** 20]) {
      expect(pending.has(other)).toBe(false)
      expect(pending.take(other)).toBeUndefined()
    }
    expect(pending.has(id)).toBe(true)
  })

  it('fail all waiting handlers, each with an error of its own, and are empty afterward', () => {
    const pending = new PendingCalls()
    const failures: unknown[][] = []
    const handlers = [0, 1, 2].map(n => ({ settle: () => {}, fail: (error: unknown) => failures.push([n, error]) }))
    const ids = handlers.map(each => pending.add(each))
    pending.take(ids[1] ?? -1)
    let made = 0
    pending.failAll(() => new TransportError(`failure ${made++}`, 'unknown'))
    expect(failures).toEqual([
      [0, new TransportError('failure 0', 'unknown')],
      [2, new TransportError('failure 1', 'unknown')]
    ])
    expect(pending.size).toBe(0)
    pending.failAll(() => new TransportError('again', 'unknown'))
    expect(failures).toHaveLength(2)
    expect(ids.map(id => pending.take(id))).toEqual([undefined, undefined, undefined])
    pending.add(handler())
    expect(pending.size).toBe(1)
  })

  it('are full at their limit, and accept another call after a reply', () => {
    const pending = new PendingCalls(3)
    const each = handler()
    const [first = -1] = [1, 2, 3].map(() => pending.add(each))
    expect(pending.isFull).toBe(true)
    expect(() => pending.add(each)).toThrow(RangeError)
    expect(pending.size).toBe(3)
    pending.take(first)
    expect(pending.isFull).toBe(false)
    pending.add(each)
    expect(pending.isFull).toBe(true)
  })

  it('find a free place soon, whatever other connections wait for', () => {
    const WAITING = 2 ** 11 - 1
    const CALLS = 10_000
    const ids = new RequestIds()
    const connections = [new PendingCalls(undefined, ids), new PendingCalls(undefined, ids)]
    // The places that one has taken are those that the other one left free.
    for (const pending of connections) for (let n = 0; n < WAITING; n++) pending.add(handler())
    const before = ids.take(0)
    for (let n = 0; n < CALLS; n++) for (const pending of connections) pending.take(pending.add(handler()))
    expect(ids.take(0) - before).toBeLessThan(2 * (2 * CALLS + 4 * WAITING))
  })

  it.each([
    0, 2 ** 31 - 1_000, 2 ** 32 - 1_000, 2 ** 48
  ])('stay consistent over a random sequence of calls and replies, from id %p on', start => {
    const pending = new PendingCalls(undefined, new RequestIds(start))
    const expected = new Map<number, ReplyHandler>()
    const next = random(11)
    for (let step = 0; step < 20_000; step++) {
      if (next() < 0.55) {
        const added = handler()
        const id = pending.add(added)
        expect(expected.has(id)).toBe(false)
        expected.set(id, added)
      } else {
        const id = [...expected.keys()][Math.floor(next() * Math.min(expected.size, 50))]
        if (id === undefined) continue
        expect(pending.take(id)).toBe(expected.get(id))
        expected.delete(id)
      }
    }
    expect(pending.size).toBe(expected.size)
  })
})
