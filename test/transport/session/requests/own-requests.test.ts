import { TransportError, type ReplyHandler } from 'feathers-mesh/transport'
import { OwnRequests } from '../../../../lib/transport/session/requests/own-requests'

describe('The requests of a node itself', () => {
  it('are counted until they are answered or fail, and those that are left can be given up', () => {
    const own = new OwnRequests()
    const handlers: ReplyHandler[] = []
    const cancelled: number[] = []
    const outcomes: unknown[] = []
    const keep = (outcome: unknown): void => { outcomes.push(outcome) }
    for (let n = 0; n < 3; n++) {
      const handler = { settle: (_error: unknown, value: unknown) => keep(value), fail: keep }
      own.add(each => handlers.push(each), id => cancelled.push(id), handler)
    }
    handlers[0]?.settle(null, 'answer')
    const failure = new TransportError('lost', 'unknown')
    handlers[1]?.fail(failure)
    expect([own.size, outcomes]).toEqual([1, ['answer', failure]])
    own.cancelAll()
    expect([own.size, cancelled]).toEqual([0, [3]])
  })

  it('are not kept when they cannot be sent', () => {
    const own = new OwnRequests()
    const send = (): number => { throw new RangeError('too long') }
    const cancel = jest.fn()
    expect(() => own.add(send, cancel, { settle: () => {}, fail: () => {} })).toThrow('too long')
    expect(own.size).toBe(0)
    own.cancelAll()
    expect(cancel).not.toHaveBeenCalled()
  })
})
