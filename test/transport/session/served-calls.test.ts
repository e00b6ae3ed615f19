import type { IncomingCall, Request } from 'feathers-mesh/transport'
import type { EncodedReply } from '../../../lib/transport/messages/reply'
import type { RejectionReason } from '../../../lib/transport/rejections'
import { ServedCalls, type RequestId } from '../../../lib/transport/session/served-calls'

const caller = Object.freeze({ proven: false, address: '127.0.0.1' })
const request = (method = 'find'): Request => ({ method, key: 'default', path: 'todos' })

interface Served {
  readonly calls: ServedCalls
  readonly served: IncomingCall[]
  readonly sent: Array<readonly [RequestId, EncodedReply]>
  readonly rejected: RejectionReason[]
}

interface Bounds {
  readonly maxInFlight?: number
  readonly maxInFlightBytes?: number
  readonly maxMessageSize?: number
  readonly decodesValues?: boolean
}

function servedCalls (
  { maxInFlight = 10, maxInFlightBytes, maxMessageSize = 1_000, decodesValues = true }: Bounds = {}
): Served {
  const served: IncomingCall[] = []
  const sent: Array<readonly [RequestId, EncodedReply]> = []
  const rejected: RejectionReason[] = []
  const calls = new ServedCalls({
    maxInFlight,
    maxInFlightBytes,
    maxMessageSize,
    serve: call => served.push(call),
    send: (id, reply) => sent.push([id, reply]),
    onRejected: reason => rejected.push(reason)
  }, decodesValues)
  return { calls, served, sent, rejected }
}

/** The name of the error that a reply carries. */
function errorOf (reply: EncodedReply | undefined): unknown {
  expect(reply?.error?.plain).toBe(true)
  return JSON.parse(reply?.error?.text ?? '')
}

describe('the served calls', () => {
  it('send each reply under the id of its request, in any order', () => {
    const { calls, served, sent } = servedCalls()
    for (const id of [1, 'two', 3]) calls.serve(id, request(), caller)
    expect(calls.size).toBe(3)
    for (const call of [...served].reverse()) call.reply(null, 'done')
    expect(sent.map(([id]) => id)).toEqual([3, 'two', 1])
    expect(calls.size).toBe(0)
  })

  it('refuse a request as not sent when the peer has too many under way, and take the next one after a reply', () => {
    const { calls, served, sent, rejected } = servedCalls({ maxInFlight: 1 })
    calls.serve(1, request(), caller)
    calls.serve(2, request(), caller)
    expect(errorOf(sent[0]?.[1])).toMatchObject({ name: 'TooManyRequests', refused: true })
    expect(rejected).toEqual(['tooManyCallsOfConnection'])
    served[0]?.reply(null)
    calls.serve(3, request(), caller)
    expect(served).toHaveLength(2)
  })

  it('serve control requests when the peer has too many calls under way', () => {
    const { calls, served } = servedCalls({ maxInFlight: 0 })
    calls.serve(1, request('mesh:ping'), caller)
    expect(served).toHaveLength(1)
  })

  it('cancel a request by its id, whether that is written as a number or a string', () => {
    const { calls, served } = servedCalls()
    const cancelled: unknown[] = []
    for (const id of [7, '8']) calls.serve(id, request(), caller)
    served.forEach((call, n) => { call.onCancel = () => cancelled.push(n) })
    for (const id of ['7', 8, 'unknown', undefined, {}]) calls.cancel(id)
    expect(cancelled).toEqual([0, 1])
  })

  it('cancel all requests when the peer is gone', () => {
    const { calls, served } = servedCalls()
    const onCancel = jest.fn()
    for (const id of [1, 2]) calls.serve(id, request(), caller)
    for (const call of served) call.onCancel = onCancel
    calls.cancelAll()
    expect(onCancel).toHaveBeenCalledTimes(2)
    expect(calls.size).toBe(0)
  })

  it.each([
    ['cannot be sent', () => {}],
    ['is too long for a message', 'x'.repeat(2_000)]
  ])('send an error when the result %s', (_why, result) => {
    const { calls, served, sent } = servedCalls()
    calls.serve(1, request(), caller)
    served[0]?.reply(null, result)
    expect(sent[0]?.[1].value).toBeUndefined()
    expect(sent[0]?.[1].error?.text).toContain("todos.find(): the result can't be sent")
  })

  it('write plain JSON for a peer that decodes nothing else, and values once it does', () => {
    const { calls, served, sent } = servedCalls({ decodesValues: false })
    calls.serve(1, request(), caller)
    served[0]?.reply(null, { none: undefined })
    calls.decodesValues = true
    calls.decodesValues = false
    calls.serve(2, request(), caller)
    served[1]?.reply(null, { none: undefined })
    expect(sent.map(([, reply]) => reply.value?.plain)).toEqual([true, false])
  })
})

describe('the bytes of served calls', () => {
  it('are bounded: a request beyond is refused as busy, and the next one has room after a reply', () => {
    const { calls, served, sent, rejected } = servedCalls({ maxInFlightBytes: 100 })
    calls.serve(1, request(), caller, 60)
    calls.serve(2, request(), caller, 41)
    expect(errorOf(sent[0]?.[1])).toMatchObject({ name: 'TooManyRequests', refused: true, reason: 'busy' })
    expect(rejected).toEqual(['tooManyBytesOfConnection'])
    calls.serve(3, request(), caller, 40)
    served[0]?.reply(null)
    calls.serve(4, request(), caller, 60)
    expect(served).toHaveLength(3)
  })

  it('may be more for a single request, which is never refused', () => {
    const { calls, served } = servedCalls({ maxInFlightBytes: 100 })
    calls.serve(1, request(), caller, 1_000)
    expect(served).toHaveLength(1)
    expect([calls.hasRoomFor(1), calls.size]).toEqual([false, 1])
  })

  it('are free again when the call is cancelled, fails to be served, or the peer is gone', () => {
    const { calls } = servedCalls({ maxInFlightBytes: 100 })
    calls.serve(1, request(), caller, 100)
    calls.cancel(1)
    expect(calls.hasRoomFor(100)).toBe(true)
    calls.serve(2, request(), caller, 100)
    calls.cancelAll()
    expect(calls.hasRoomFor(100)).toBe(true)
  })
})

describe('a cancelled call', () => {
  it('leaves the list, and what the service returns later is not sent', () => {
    const { calls, served, sent } = servedCalls({ maxInFlight: 1 })
    calls.serve(1, request(), caller)
    calls.cancel('1')
    expect(calls.size).toBe(0)
    served[0]?.reply(null, 'late')
    expect(sent).toEqual([])
    calls.serve(1, request(), caller)
    served[1]?.reply(null, 'done')
    expect(sent).toHaveLength(1)
  })

  it('is found without a look at the others, and an unknown id costs nothing', () => {
    const { calls, served } = servedCalls({ maxInFlight: 10_000 })
    for (let id = 0; id < 2_000; id++) calls.serve(id, request(), caller)
    let looks = 0
    for (const call of served) {
      const { id } = call as unknown as { id: number }
      Object.defineProperty(call, 'id', { get () { looks++; return id } })
    }
    for (let n = 0; n < 10_000; n++) calls.cancel('nothing')
    // One look at each, for the index.
    expect(looks).toBe(2_000)
    for (let id = 0; id < 2_000; id++) calls.cancel(id)
    expect([calls.size, looks]).toEqual([0, 4_000])
  })

  it('is found among calls that came after others were cancelled, however many these are', () => {
    const { calls } = servedCalls({ maxInFlight: 10_000 })
    for (let id = 0; id < 5_000; id++) {
      calls.serve(id, request(), caller)
      if (id % 1_500 === 0) calls.cancel(id)
    }
    for (let id = 0; id < 5_000; id++) calls.cancel(String(id))
    expect(calls.size).toBe(0)
  })
})
