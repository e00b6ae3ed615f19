import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { EventMessage, IncomingCall } from 'feathers-mesh/transport'
import { InboundConnection } from '../../../../lib/transport/cote/inbound/inbound-connection'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { json, string } from '../../../../lib/transport/cote/wire/arguments'
import { publish } from '../../../../lib/transport/session/events/publish'
import { until } from '../../../until'
import { argumentsOf } from '../collect'
import { Sockets } from '../sockets'
import { COSTLY, frame } from '../wire'

const sockets = new Sockets()

interface Subscribed {
  readonly client: InboundConnection
  readonly calls: IncomingCall[]
  readonly events: EventMessage[]
  /** All that came, an argument each. */
  readonly replies: unknown[][]
  /** The end of the one who is connected. */
  readonly far: Connection
  readonly socket: Socket
}

interface Settings {
  readonly maxBacklog?: number
  readonly onRequest?: (call: IncomingCall) => void
  readonly onIdle?: () => void
  readonly onRejected?: (reason: string) => void
}

/** A client that has the other end of a connection. */
async function subscribed (settings: Settings = {}): Promise<Subscribed> {
  const { maxBacklog = 2 ** 18, onRequest, onIdle = () => {}, onRejected = () => {} } = settings
  const [socket, near] = await sockets.pair()
  const calls: IncomingCall[] = []
  const events: EventMessage[] = []
  const replies: unknown[][] = []
  const client = new InboundConnection(near, {
    key: 'default', maxMessageSize: 2 ** 24, maxBacklog, maxInFlightPerConnection: 2 ** 10, onRejected,
    onRequest: onRequest ?? (call => calls.push(call)), onIdle,
    onClose: () => {}
  })
  near.resume()
  const far = new Connection(socket, {
    maxMessageSize: 2 ** 24,
    onFrame: frame => {
      replies.push(argumentsOf(frame))
      events.push(argumentsOf(frame)[0] as EventMessage)
    },
    onClose: () => {}
  })
  return { client, calls, events, replies, far, socket }
}

describe('a subscriber that reads too slowly', () => {
  it('misses events and receives a gap with their number in the right place', async () => {
    const { client, events, socket } = await subscribed()
    client.subscriber.update(['todos'])
    socket.pause()
    const send = (n: number): void => {
      const message: EventMessage = { path: 'todos', key: 'default', event: 'created', args: [n, 'x'.repeat(2 ** 12)] }
      publish(message, [client], undefined, Infinity)
    }
    let sent = 0
    // In turns, so that the operating system takes what it can.
    await until('far more than it takes', () => {
      for (let n = 0; n < 500; n++) send(sent++)
      return sent >= 10_000
    })
    socket.resume()
    const gap = await until('the gap', () => events.find(({ event }) => event === 'gap'))
    send(sent++)
    await until('an event after the gap', () => events.at(-1)?.args[0] === sent - 1)

    const received = events.filter(({ event }) => event === 'created').map(({ args: [n] }) => n as number)
    expect(gap).toEqual({
      path: 'todos', key: 'default', event: 'gap', args: [{ missed: sent - received.length, reason: 'slow' }]
    })
    expect(received.length).toBeLessThan(sent)
    // Those before the gap are the first ones, without a hole.
    const before = events.indexOf(gap)
    expect(received.slice(0, before)).toEqual(Array.from({ length: before }, (_, n) => n))
    expect(events.filter(({ event }) => event === 'gap')).toHaveLength(1)
  })

  it('costs no more memory than the backlog limit and one message', async () => {
    const { client, socket } = await subscribed({ maxBacklog: 2 ** 16 })
    client.subscriber.update(['todos'])
    socket.pause()
    const message: EventMessage = { path: 'todos', key: 'default', event: 'created', args: ['x'.repeat(2 ** 12)] }
    const writable = (): number => (client as unknown as { connection: { backlog: number } }).connection.backlog
    for (let n = 0; n < 5_000; n++) {
      publish(message, [client], undefined, Infinity)
      expect(writable()).toBeLessThan(2 ** 16 + 2 ** 13)
    }
  })
})

describe('a request on an inbound connection', () => {
  it('is refused when it takes too much work to read, and the connection goes on', async () => {
    const rejected: string[] = []
    const { calls, far, replies } = await subscribed({ onRejected: reason => rejected.push(reason) })
    far.send(COSTLY, string('1'))
    far.send(json({ type: 'find', key: 'default', path: 'todos' }), string('2'))
    const [[error, id]] = await until('the refusal', () => replies.length > 0 ? replies : undefined)
    expect(error).toMatchObject({ code: 400, data: { code: 'MESH_UNSENDABLE', outcome: 'not-sent' } })
    expect(id).toBe('1')
    await until('the other request', () => calls.length === 1)
    expect(rejected).toEqual(['costlyValue'])
  })

  it('notifies its handler when the caller cancels it by its id', async () => {
    const { client, calls, far } = await subscribed()
    const cancelled: string[] = []
    for (const type of ['first', 'second']) far.send(json({ type, key: 'default', path: 'todos' }), string(type))
    await until('both requests', () => calls.length === 2)
    for (const call of calls) call.onCancel = () => cancelled.push(call.request.method)
    client.cancel('second')
    client.cancel('unheard of')
    client.cancel(undefined)
    expect(cancelled).toEqual(['second'])
  })

  it('can no longer be canceled once it has been answered', async () => {
    const { client, calls, far } = await subscribed()
    far.send(json({ type: 'find', key: 'default', path: 'todos' }), string('1'))
    const call = await until('the request', () => calls[0])
    const onCancel = jest.fn()
    call.onCancel = onCancel
    call.reply(null, 'done')
    client.cancel('1')
    expect(onCancel).not.toHaveBeenCalled()
  })

  it('is canceled when the connection closes', async () => {
    const { calls, far } = await subscribed()
    far.send(json({ type: 'find', key: 'default', path: 'todos' }), string('1'))
    const call = await until('the request', () => calls[0])
    const onCancel = jest.fn()
    call.onCancel = onCancel
    far.destroy()
    await until('the cancel', () => onCancel.mock.calls.length === 1)
  })

  it('is canceled only by its own id, as a number or a string', async () => {
    const { client, calls, far } = await subscribed()
    for (const id of ['1', '2', '3']) far.send(json({ type: 'find', path: 'todos' }), string(id))
    await until('the requests', () => calls.length > 2)
    const cancelled: number[] = []
    calls.forEach((call, n) => { call.onCancel = () => cancelled.push(n + 1) })
    const toString = jest.fn(() => '1')
    for (const id of [2, '3', '4', { toString }, ['1'], null, undefined]) client.cancel(id)
    expect(cancelled).toEqual([2, 3])
    expect(toString).not.toHaveBeenCalled()
  })
})

describe('requests that arrive together in several batches', () => {
  const request = (id: number): Buffer => frame('j:{"type":"find","path":"todos"}', `s:${id}`)
  const cancel = frame('j:{"type":"mesh:cancel","data":"0"}', 's:!')
  const many = (count: number, of: (id: number) => Buffer): Buffer[] => Array.from({ length: count }, (_, n) => of(n))

  it.each([['requests', request], ['messages without a reply', () => cancel]] as const)(
    'leave the connection idle only after the last one, when later batches hold %s', async (_what, behind) => {
      let handed = 0
      const idleAt: number[] = []
      const { socket } = await subscribed({
        onRequest: call => {
          handed++
          if (call.request.method === 'find') void Promise.resolve().then(() => call.reply(null, 'done'))
        },
        onIdle: () => idleAt.push(handed)
      })
      socket.write(Buffer.concat([...many(200, request), ...many(200, behind)]))
      await until('the end', () => idleAt.length > 0)
      expect(idleAt).toEqual([400])
    }
  )

  it('are not served once the connection is closing, as their replies could not leave', async () => {
    let handed = 0
    const made = await subscribed({
      onRequest: () => { if (++handed === 1) made.client.close() }
    })
    const closed = once(made.socket, 'close')
    made.socket.write(Buffer.concat(many(300, request)))
    await closed
    expect(handed).toBe(1)
  })
})

describe('a message that gets no reply', () => {
  it('does not count as a served request, whatever its id', async () => {
    const { client, calls, far } = await subscribed()
    const types = ['mesh:caller', 'mesh:cancel', 'mesh:cancel']
    types.forEach((type, n) => far.send(json({ type }), string(String(n))))
    far.send(json({ type: 'find', path: 'todos' }), string('7'))
    await until('the requests', () => calls.length > types.length)
    expect(client.isServing).toBe(true)
  })
})

describe('control messages with long answers', () => {
  it.each(['mesh:ping', 'mesh:contracts', 'mesh:listen'])(
    'are not even read for a while when many %s arrive together, and are all answered in the end', async type => {
      let handed = 0
      const throttledAt: number[] = []
      const { far, socket } = await subscribed({
        maxBacklog: Infinity,
        onRequest: call => {
          handed++
          call.reply(null, 'x'.repeat(500_000))
        },
        onRejected: () => throttledAt.push(handed)
      })
      socket.write(Buffer.concat(Array.from({ length: 12 }, (_, n) => frame(`j:{"type":"${type}"}`, `s:${n}`))))
      await until('the pause', () => throttledAt.length > 0)
      await until('all answers', () => handed === 12)
      expect(throttledAt[0]).toBe(8)
      expect(far.closed).toBe(false)
    }
  )
})

describe('a mesh node on its second connection, on which it asks for no contracts', () => {
  it('gets a goodbye, and is waited for until it says that it sends no more requests', async () => {
    const { client, calls, events, socket } = await subscribed()
    socket.write(frame('j:{"type":"mesh:caller"}', 's:1'))
    await until('the introduction', () => calls.length > 0)
    client.introduce({ node: 'caller', key: 'default' })
    calls[0]?.reply(null)
    await until('its answer', () => events.length > 0)
    client.sendGoodbye(() => true)
    await until('the goodbye', () => events.length > 1)
    expect(client.isInUse).toBe(true)
    client.onPeerDone()
    expect(client.isInUse).toBe(false)
  })
})
