import type { Socket } from 'node:net'
import { RequestRefused, type Request } from 'feathers-mesh/transport'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { EVENT_ID, json, string } from '../../../../lib/transport/cote/wire/arguments'
import { OutboundConnection } from '../../../../lib/transport/cote/outbound/outbound-connection'
import type { OutboundOptions } from '../../../../lib/transport/cote/outbound/outbound-options'
import { OpenSecurity } from '../../../../lib/transport/cote/security/open-security'
import { PendingCalls } from '../../../../lib/transport/session/requests/pending-calls'
import { until } from '../../../until'
import { argumentsOf } from '../collect'
import { Sockets } from '../sockets'
import { COSTLY } from '../wire'

const sockets = new Sockets()
const security = new OpenSecurity({ environment: '', onRejected: () => {} })
const links: OutboundConnection[] = []

afterEach(() => { for (const link of links.splice(0)) link.destroy() })

const request = (type: string, data?: unknown): Request => ({ method: type, key: 'default', path: 'todos', data })

/** A handler that records its outcome. */
class Keeping {
  readonly told: unknown[] = []
  settle (...outcome: unknown[]): void { this.told.push(outcome) }
  fail (error: Error): void { this.told.push(error) }
}

interface Far {
  readonly link: OutboundConnection
  /** The frames that came, and the connection that they came by. */
  readonly frames: unknown[][]
  readonly socket: () => Promise<Socket>
  readonly connection: () => Promise<Connection>
}

/** A connection and its other side, which may be told to read nothing. */
async function linked (options: Partial<OutboundOptions> = {}, reads = true): Promise<Far> {
  const frames: unknown[][] = []
  let accepted: Socket | undefined
  let connection: Connection | undefined
  const { port } = await sockets.listen(socket => {
    accepted = socket
    if (!reads) return
    connection = new Connection(socket, {
      maxMessageSize: 2 ** 24, onFrame: frame => { frames.push(argumentsOf(frame)) }, onClose: () => {}
    })
    socket.resume()
  })
  const link = new OutboundConnection({
    address: '127.0.0.1', port, key: 'default', security,
    connectTimeout: 3_000, maxMessageSize: 2 ** 20, maxBacklog: 2 ** 20, isMeshNode: true,
    onEvent: () => {}, onGoodbye: () => {}, onClose: () => {}, ...options
  })
  links.push(link)
  return {
    link,
    frames,
    socket: async () => await until('a connection', () => accepted),
    connection: async () => await until('a connection', () => connection)
  }
}

describe('what takes too much work to read', () => {
  it('fails one call when it is a reply, and the connection goes on', async () => {
    const rejected: string[] = []
    const { link, frames, connection } = await linked({ onRejected: reason => rejected.push(reason) })
    const [costly, next] = [new Keeping(), new Keeping()]
    const id = link.request(request('costly'), costly)
    const nextId = link.request(request('next'), next)
    await until('both requests', () => frames.length === 2)
    const far = await connection()
    far.send(json(null), COSTLY, string(String(id)))
    far.send(json(null), json('read'), string(String(nextId)))
    await until('the other reply', () => next.told.length > 0)
    expect(next.told).toEqual([[null, 'read']])
    expect(costly.told).toEqual([expect.objectContaining({
      outcome: 'unknown', message: expect.stringContaining('more work than its length allows') as string
    })])
    expect([link.closed, rejected]).toEqual([false, ['costlyValue']])
  })

  it('lets the connection close when it is the last reply that was waited for', async () => {
    const { link, frames, connection } = await linked()
    const costly = new Keeping()
    const id = link.request(request('costly'), costly)
    await until('the request', () => frames.length === 1)
    link.drain()
    ;(await connection()).send(json(null), COSTLY, string(String(id)))
    await link.whenClosed
    expect(costly.told).toHaveLength(1)
  })

  it('is left out when it is an event, and the connection goes on', async () => {
    const [rejected, heard] = [[] as string[], [] as unknown[]]
    const { link, frames, connection } = await linked({
      onRejected: reason => rejected.push(reason), onEvent: ({ args }) => heard.push(...args)
    })
    link.request(request('first'), new Keeping())
    await until('the request', () => frames.length === 1)
    const far = await connection()
    far.send(COSTLY, string(EVENT_ID))
    far.send(json({ path: 'todos', key: 'default', event: 'created', args: ['heard'] }), string(EVENT_ID))
    await until('the other event', () => heard.length > 0)
    expect([heard, rejected, link.closed]).toEqual([['heard'], ['costlyValue'], false])
  })
})

describe('a canceled request', () => {
  it('is never sent when there is no connection yet, and neither is the cancellation', async () => {
    const { link, frames } = await linked()
    const handler = new Keeping()
    link.cancel(link.request(request('forgotten'), handler))
    link.request(request('kept'), new Keeping())
    await until('the other one', () => frames.length > 0)
    expect(frames.map(([sent]) => (sent as { type: string }).type)).toEqual(['kept'])
    expect(handler.told).toEqual([])
  })

  it('is canceled once at the peer when it has been sent', async () => {
    const { link, frames } = await linked()
    const id = link.request(request('sent'), new Keeping())
    await until('the request', () => frames.length === 1)
    link.cancel(id)
    link.cancel(id)
    link.request(request('next'), new Keeping())
    await until('the next one', () => frames.length === 3)
    expect(frames[1]).toEqual([{ type: 'mesh:cancel', data: id }, '!'])
  })

  it('is not canceled at a peer that does not support it', async () => {
    const { link, frames } = await linked({ isMeshNode: false })
    const id = link.request(request('sent'), new Keeping())
    await until('the request', () => frames.length === 1)
    link.cancel(id)
    link.request(request('next'), new Keeping())
    await until('the next one', () => frames.length === 2)
    expect((frames[1]?.[0] as { type: string }).type).toBe('next')
  })

  it('ignores a late reply, which is counted', async () => {
    const onLateReply = jest.fn()
    const { link, frames, connection } = await linked({ onLateReply })
    const [forgotten, next] = [new Keeping(), new Keeping()]
    const id = link.request(request('sent'), forgotten)
    await until('the request', () => frames.length === 1)
    link.cancel(id)
    const nextId = link.request(request('next'), next)
    const far = await connection()
    far.send(json(null), json('late'), string(String(id)))
    far.send(json(null), json('in time'), string(String(nextId)))
    await until('the reply', () => next.told.length > 0)
    expect([forgotten.told, next.told]).toEqual([[], [[null, 'in time']]])
    expect(onLateReply).toHaveBeenCalledTimes(1)
  })

  it('has an id that no other connection to the peer uses', async () => {
    const ids = await Promise.all([0, 1, 2].map(async () => {
      const { link } = await linked()
      return Array.from({ length: 5 }, () => link.request(request('any'), new Keeping()))
    }))
    expect(new Set(ids.flat()).size).toBe(15)
    for (const id of ids.flat()) expect(Number.isSafeInteger(id)).toBe(true)
  })
})

describe('a connection that is read to its end', () => {
  it('goes on only to listen where the answer to the subscription tells that the peer counts events', async () => {
    let isCounting = false
    const { link, frames, connection } = await linked()
    const id = link.request(request('mesh:subscribe'), {
      settle: (_error, answer) => { isCounting = answer === 'counted' },
      fail: () => {}
    })
    await until('the request', () => frames.length === 1)
    // The peer leaves before it has answered.
    link.listenToEnd(() => isCounting)
    ;(await connection()).send(json(null), json('counted'), string(String(id)))
    await until('word that it only listens', () => frames.length === 2)
    expect([frames[1], link.closed]).toEqual([[{ type: 'mesh:done', data: null }, '!'], false])
  })
})

describe('an excessive request', () => {
  it('throws when it is too long for a message, and affects no other', async () => {
    const { link, frames } = await linked({ maxMessageSize: 1000 })
    const handler = new Keeping()
    expect(() => link.request(request('large', 'x'.repeat(1000)), handler)).toThrow(
      /^it has 10\d\d bytes, and a message has less than 1000$/)
    link.request(request('small'), new Keeping())
    await until('the small one', () => frames.length === 1)
    expect(handler.told).toEqual([])
    expect(link.waiting).toBe(1)
  })

  it('fails as not sent, and so goes elsewhere, when the peer reads nothing', async () => {
    const onRejected = jest.fn()
    const { link, socket } = await linked({ maxBacklog: 2 ** 18, onRejected }, false)
    await socket()
    const refused = new Keeping()
    let sent = 0
    // What the operating system takes is no backlog yet.
    await until('a request that is refused', () => {
      link.request(request('any', 'x'.repeat(2 ** 16)), refused)
      return refused.told.length > 0 || sent++ > 1_000
    })
    expect(refused.told[0]).toMatchObject({ outcome: 'not-sent', message: '262144 bytes wait for the peer already' })
    expect(onRejected).toHaveBeenCalledWith('unsentCalls', '127.0.0.1')
  })

  it('fails as not sent, and so goes elsewhere, when too many requests wait for replies', async () => {
    const { link } = await linked()
    link.request(request('any'), new Keeping())
    const full = jest.spyOn(PendingCalls.prototype, 'isFull', 'get').mockReturnValue(true)
    const refused = new Keeping()
    link.request(request('any'), refused)
    full.mockRestore()
    await until('the refusal', () => refused.told.length > 0)
    expect(refused.told).toEqual([
      expect.objectContaining({ outcome: 'not-sent', message: '1 requests wait for the peer already' })
    ])
    expect(link.waiting).toBe(1)
  })

  it('fails as not sent when too much waits for the connection', async () => {
    const { link } = await linked({ maxBacklog: 2 ** 10 })
    const refused = new Keeping()
    link.request(request('any', 'x'.repeat(2 ** 11)), new Keeping())
    link.request(request('any'), refused)
    await until('the refusal', () => refused.told.length > 0)
    expect(refused.told).toEqual([expect.objectContaining({ outcome: 'not-sent' })])
  })
})

describe('a request that the peer rejects', () => {
  it('fails as refused with the error of the peer', async () => {
    const { link, frames, connection } = await linked()
    const handler = new Keeping()
    const id = link.request(request('any'), handler)
    await until('the request', () => frames.length === 1)
    const far = await connection()
    far.send(json({ name: 'TooManyRequests', message: 'busy', code: 429, refused: true }), string(String(id)))
    await until('the refusal', () => handler.told.length > 0)
    expect(handler.told[0]).toBeInstanceOf(RequestRefused)
    expect(handler.told[0]).toMatchObject({ message: 'busy', outcome: 'not-sent', cause: { name: 'TooManyRequests' } })
  })
})

describe('a request on a failing connection', () => {
  it('was not sent when the connection is never established', async () => {
    const { server, port } = await sockets.listen()
    await new Promise(resolve => server.close(resolve))
    const { link } = await linked({ port })
    const handler = new Keeping()
    link.request(request('any'), handler)
    await until('the failure', () => handler.told.length > 0)
    const message = expect.stringContaining(`no connection to 127.0.0.1:${port}`) as string
    expect(handler.told).toEqual([expect.objectContaining({ outcome: 'not-sent', message })])
  })

  it.each([
    ['v', '["RegExp","(",""]'], ['j', '{']
  ] as const)('may have run when the reply is unreadable, as in %s:%s', async (type, text) => {
    const { link, frames, connection } = await linked()
    const handlers = [new Keeping(), new Keeping()]
    const [id] = handlers.map(handler => link.request(request('any'), handler))
    await until('the requests', () => frames.length === 2)
    const far = await connection()
    far.send({ type: 'j', text: 'null' }, { type, text }, string(String(id)))
    await until('the failures', () => handlers.every(({ told }) => told.length > 0))
    for (const { told } of handlers) expect(told).toEqual([expect.objectContaining({ outcome: 'unknown' })])
  })

  it('may have run when the connection is lost, as may all that wait', async () => {
    const { link, frames, socket } = await linked()
    const handlers = [new Keeping(), new Keeping()]
    for (const handler of handlers) link.request(request('any'), handler)
    await until('the requests', () => frames.length === 2)
    const far = await socket()
    far.resetAndDestroy()
    await until('the failures', () => handlers.every(({ told }) => told.length > 0))
    for (const { told } of handlers) expect(told).toEqual([expect.objectContaining({ outcome: 'unknown' })])
  })
})
