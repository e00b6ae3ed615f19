import type { Socket } from 'node:net'
import type { Request } from 'feathers-mesh/transport'
import { meshNow } from '../../../../lib/clock'
import { CLOCK_ID, idArgument, json, NULL, string } from '../../../../lib/transport/cote/wire/arguments'
import { Connection } from '../../../../lib/transport/cote/wire/connection'
import { OutboundConnection } from '../../../../lib/transport/cote/outbound/outbound-connection'
import type { OutboundOptions } from '../../../../lib/transport/cote/outbound/outbound-options'
import { OpenSecurity } from '../../../../lib/transport/cote/security/open-security'
import { PeerClock } from '../../../../lib/transport/session/clocks/peer-clock'
import { until } from '../../../until'
import { argumentsOf } from '../collect'
import { Sockets } from '../sockets'

const sockets = new Sockets()
const security = new OpenSecurity({ environment: '', onRejected: () => {} })
const links: OutboundConnection[] = []

afterEach(() => { for (const link of links.splice(0)) link.destroy() })

const HOUR_MS = 3_600_000

interface Sent { readonly type: string, readonly deadline?: number, readonly data?: unknown }

interface Far {
  readonly link: OutboundConnection
  readonly clock: PeerClock
  /** The requests that came, each with its id. */
  readonly requests: Array<readonly [Sent, string]>
  readonly connection: () => Promise<Connection>
  readonly told: unknown[]
  readonly ask: (method: string, deadline?: number) => number
}

/** A connection to a host that a test plays. */
async function far (options: Partial<OutboundOptions> = {}): Promise<Far> {
  const requests: Array<readonly [Sent, string]> = []
  const told: unknown[] = []
  let connection: Connection | undefined
  const { port } = await sockets.listen((socket: Socket) => {
    const onFrame = (...args: Parameters<typeof argumentsOf>): void => {
      const [request, id] = argumentsOf(...args)
      requests.push([request as Sent, String(id)])
    }
    connection = new Connection(socket, { maxMessageSize: 2 ** 24, onFrame, onClose: () => {} })
    socket.resume()
  })
  const clock = new PeerClock(() => link.sendHeld())
  const link = new OutboundConnection({
    address: '127.0.0.1',
    port,
    key: 'default',
    security,
    connectTimeout: 3_000,
    maxMessageSize: 2 ** 20,
    maxBacklog: 2 ** 20,
    isMeshNode: true,
    introduction: { node: 'here', key: 'default' },
    answersIntroduction: true,
    clock,
    peerId: 'there',
    onIntroduced: answer => clock.replace((answer as { now?: unknown }).now),
    onEvent: () => {},
    onGoodbye: () => {},
    onClose: () => {},
    ...options
  })
  links.push(link)
  const ask = (method: string, deadline?: number): number => {
    const request: Request = { method, key: 'default', path: 'todos', deadline }
    return link.request(request, { settle: (...args) => told.push(args), fail: error => told.push(error) })
  }
  return { link, clock, requests, told, ask, connection: async () => await until('a connection', () => connection) }
}

const types = ({ requests }: Far): string[] => requests.map(([{ type }]) => type)

describe('a new connection to a host that answers introductions', () => {
  it('sends requests with a deadline when the answer has come, by the clock in it', async () => {
    const host = await far()
    const deadline = meshNow() + 60_000
    host.ask('before', deadline)
    const cancelled = host.ask('cancelled', deadline)
    host.ask('no deadline')
    await until('what needs no clock', () => host.requests.length === 2)
    host.ask('after', deadline)
    host.link.cancel(cancelled)
    host.ask('mesh:ping')
    await until('the ping', () => host.requests.length === 3)
    expect(types(host)).toEqual(['mesh:caller', 'no deadline', 'mesh:ping'])
    const [[{ data }, id]] = host.requests
    expect(data).toEqual({ node: 'here', key: 'default' })

    const connection = await host.connection()
    connection.sendValue({ plain: true, text: JSON.stringify({ id: 'there', now: meshNow() + HOUR_MS }) }, id, NULL)
    await until('the requests', () => host.requests.length === 5)
    expect(types(host).slice(3)).toEqual(['before', 'after'])
    for (const [{ deadline: there = 0 }] of host.requests.slice(3)) {
      expect(there).toBeLessThanOrEqual(deadline + HOUR_MS)
      expect(there).toBeGreaterThan(deadline + HOUR_MS - 10_000)
    }
  })

  it('fails what waits as not sent, and what was sent as unknown, when it breaks', async () => {
    const host = await far()
    host.ask('no deadline')
    host.ask('waits', meshNow() + 60_000)
    await until('what needs no clock', () => host.requests.length === 2)
    const connection = await host.connection()
    connection.destroy()
    await until('the end', () => host.told.length === 2)
    expect(host.told).toMatchObject([{ outcome: 'not-sent' }, { outcome: 'unknown' }])
  })

  it('fails what waits as not sent when another node answers, and sends that nothing more', async () => {
    const host = await far({ onIntroduced: () => {
      host.ask('again', meshNow() + 60_000)
      host.ask('no deadline')
      host.link.drain()
    } })
    host.clock.read(meshNow())
    host.ask('waits', meshNow() + 60_000)
    await until('the introduction', () => host.requests.length === 1)
    const connection = await host.connection()
    const text = JSON.stringify({ id: 'another', now: meshNow() })
    connection.sendValue({ plain: true, text }, host.requests[0][1], NULL)
    await host.link.whenClosed
    expect(types(host)).toEqual(['mesh:caller'])
    const failure = { outcome: 'not-sent', message: 'another node answers there' }
    expect(host.told).toMatchObject([failure, failure, failure])
  })

  it('closes when its node leaves, although the answer never comes', async () => {
    const host = await far()
    await until('the introduction', () => host.requests.length === 1)
    host.link.drain()
    await host.link.whenClosed
    expect(host.told).toEqual([])
  })
})

describe('a connection to a host whose clock is known from elsewhere', () => {
  it('sends at once to one of 0.1, which answers no introduction', async () => {
    const host = await far({ answersIntroduction: false })
    host.clock.read(meshNow())
    host.ask('find', meshNow() + 60_000)
    await until('the request', () => host.requests.length === 2)
    expect(host.requests[0][1]).toBe('!')
  })

  it('holds requests back while nothing is known, and passes on a refusal that tells no clock', async () => {
    const refusals: unknown[] = []
    const host = await far({ answersIntroduction: false, onLate: now => refusals.push(now) })
    host.clock.read(meshNow())
    host.ask('first', meshNow() + 60_000)
    await until('the request', () => host.requests.length === 2)
    const connection = await host.connection()
    const refusal = { name: 'Timeout', message: 'late', refused: true, data: { code: 'MESH_TIMEOUT' } }
    connection.send(json(refusal), string(host.requests[1][1]))
    await until('the refusal', () => refusals.length === 1)
    expect(refusals).toEqual([undefined])
    host.clock.replace(undefined)
    host.ask('second', meshNow() + 60_000)
    host.ask('mesh:ping')
    await until('the ping', () => host.requests.length === 3)
    expect(types(host)).toEqual(['mesh:caller', 'first', 'mesh:ping'])
    host.clock.read(meshNow())
    await until('the request', () => host.requests.length === 4)
  })

  it('reads the clock that the host tells of its own accord, and nothing else there', async () => {
    const host = await far({ answersIntroduction: false })
    const connection = await host.connection()
    for (const now of [null, 'soon', {}, -5]) connection.send(json(now), idArgument(CLOCK_ID))
    connection.send(json(meshNow() + HOUR_MS), idArgument(CLOCK_ID))
    await until('the clock', () => host.clock.isKnown)
    expect(host.clock.toPeerTime(0)).toBeGreaterThan(HOUR_MS - 10_000)
  })
})
