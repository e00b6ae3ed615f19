import { EarlyCalls } from '../../../lib/feathers/serving/early-calls'
import { RequestRefused, type IncomingCall } from '../../../lib/transport/transport'

interface Asked {
  readonly call: IncomingCall
  readonly replies: unknown[]
}

/** A call of a node of feathers-distributed, which can wait. */
function asked (bytes?: number): Asked {
  const replies: unknown[] = []
  const request = { method: 'find', key: 'default', path: 'todos' }
  return { call: { request, bytes, reply: error => replies.push(error) }, replies }
}

describe('calls that arrive while the app is set up', () => {
  it('wait up to a number, and are served in their order', () => {
    const early = new EarlyCalls()
    const calls = Array.from({ length: 1_001 }, () => asked())
    for (const { call } of calls) early.take(call)
    expect(calls.filter(({ replies }) => replies[0] instanceof RequestRefused)).toEqual([calls[1_000]])
    const served: IncomingCall[] = []
    early.release(call => served.push(call))
    expect(served).toEqual(calls.slice(0, 1_000).map(({ call }) => call))
  })

  it('wait up to a number of bytes, and make room when they are served', () => {
    const early = new EarlyCalls()
    const calls = Array.from({ length: 5 }, () => asked(15_000_000))
    for (const { call } of calls) early.take(call)
    expect(calls.map(({ replies }) => replies.length)).toEqual([0, 0, 0, 0, 1])
    early.release(() => {})
    const next = asked(60_000_000)
    early.take(next.call)
    expect(next.replies).toEqual([])
  })
})
