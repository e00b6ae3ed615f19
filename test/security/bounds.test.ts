import type { Socket } from 'node:net'
import { feathers } from '@feathersjs/feathers'
import type { CoteOptions, DistributedModule, DistributedModuleOptions, RejectionReason } from 'feathers-mesh'
import { json, string } from '../../lib/transport/cote/wire/arguments'
import { discoveryPort, OldNode } from '../transport/cote/legacy/old-node'
import { frame } from '../transport/cote/wire'
import { until } from '../until'
import { freePort } from '../free-port'
import { CoteMesh } from './mesh-of'
import { RawConnection } from './raw-connection'

let mesh: CoteMesh
let port: number
let raw: RawConnection[]
/** Ends what the service has under way. */
let release: () => void
let host: DistributedModule
let caller: DistributedModule

beforeEach(async () => {
  mesh = new CoteMesh()
  raw = []
  port = await freePort()
})

afterEach(async () => {
  release?.()
  for (const { socket } of raw) socket.destroy()
  await mesh.end()
})

/** A node with a service that answers immediately, late, or at length, and another node that calls it meanwhile. */
async function hostWith (cote: CoteOptions, options: DistributedModuleOptions = {}): Promise<void> {
  const app = feathers()
  const held = new Promise<void>(resolve => { release = resolve })
  app.use('jobs', {
    async find () { return 'found' },
    async get (id: number) { await held; return id },
    async create ({ length }: { length: number }) { return 'x'.repeat(length) }
  })
  host = await mesh.node({ app, ...options, cote: { ...cote, basePort: port } })
  caller = await mesh.node({ remotes: ['jobs'] })
  await servesOn()
}

async function servesOn (): Promise<void> {
  expect(await caller.app.service('jobs').find()).toBe('found')
}

async function rawClient (): Promise<RawConnection> {
  const connection = await RawConnection.to(port)
  raw.push(connection)
  return connection
}

async function counted (node: DistributedModule, reason: RejectionReason, times = 1): Promise<void> {
  await until(`${reason} to be counted`, () => node.counters()[reason] >= times)
}

describe('a raw client', () => {
  it('is refused the calls beyond maxInFlightPerConnection, and the mesh keeps working', async () => {
    await hostWith({ maxInFlightPerConnection: 5 })
    const client = await rawClient()
    for (let n = 0; n < 20; n++) client.ask(`call ${n}`, { type: 'get', path: 'jobs', id: n })
    await until('15 refusals', () => client.frames.length === 15)
    const [error] = client.answer('call 5') ?? []
    expect(error).toMatchObject({ name: 'TooManyRequests', refused: true })
    expect(host.counters().tooManyCallsOfConnection).toBe(15)
    await servesOn()
    release()
    await until('the others', () => client.frames.length === 20)
    expect([0, 1, 2, 3, 4].map(n => client.answer(`call ${n}`))).toEqual([0, 1, 2, 3, 4].map(n => [null, n]))
    // What had its answer makes room.
    client.ask('one more', { type: 'find', path: 'jobs' })
    await until('its answer', () => client.answer('one more'))
    expect(client.answer('one more')).toEqual([null, 'found'])
  })

  it('is refused the calls beyond maxInFlight, and the mesh keeps working afterward', async () => {
    await hostWith({}, { maxInFlight: 5 })
    const clients = [await rawClient(), await rawClient()]
    for (const client of clients) for (let n = 0; n < 5; n++) client.ask(`call ${n}`, { type: 'get', path: 'jobs', id: n })
    await until('five refusals', () => clients.flatMap(({ frames }) => frames).length === 5)
    expect(host.counters().tooManyCalls).toBe(5)
    release()
    await until('the others', () => clients.flatMap(({ frames }) => frames).length === 10)
    await servesOn()
  })

  it('is disconnected beyond maxConnectionsPerAddress if silent for longest, and the mesh keeps working', async () => {
    await hostWith({ maxConnectionsPerAddress: 10 })
    for (let n = 0; n < 20; n++) await rawClient()
    await until('the ten that came first', () => raw.filter(({ closed }) => closed).length === 10)
    expect(raw.map(({ closed }) => closed)).toEqual(Array.from({ length: 20 }, (_, n) => n < 10))
    expect(host.counters().tooManyConnections).toBe(10)
    expect(mesh.log.filter(line => line.includes('beyond the limit of one address'))).toHaveLength(1)
    await servesOn()
    // Those that say something make room for others.
    raw.at(-1)?.ask('a call', { type: 'find', path: 'jobs' })
    await until('an answer', () => raw.at(-1)?.answer('a call'))
    await rawClient()
    expect(host.counters().tooManyConnections).toBe(10)
  })

  it('gives way beyond maxConnectionsPerAddress when it is idle, but not with calls or subscriptions', async () => {
    await hostWith({ maxConnectionsPerAddress: 5 })
    const [idle, busy, subscribed] = [await rawClient(), await rawClient(), await rawClient()]
    const asks: Array<[RawConnection, object]> = [
      [idle, { type: 'find', path: 'jobs' }], [busy, { type: 'find', path: 'jobs' }],
      [subscribed, { type: 'mesh:listen', path: '', data: ['jobs'] }]
    ]
    for (const [client, request] of asks) {
      client.ask('first', request)
      await until('an answer', () => client.answer('first'))
    }
    busy.ask('second', { type: 'get', path: 'jobs', id: 1 })
    for (let n = 0; n < 3; n++) {
      const other = await rawClient()
      other.ask('first', { type: 'get', path: 'jobs', id: 1 })
      await until('one to give way', () => n === 0 || raw.some(({ closed }) => closed))
    }
    await until('the idle one', () => idle.closed)
    expect([busy.closed, subscribed.closed]).toEqual([false, false])
    await servesOn()
  })

  it('is disconnected before its message beyond maxMessageSize is stored, and the mesh keeps working', async () => {
    await hostWith({ maxMessageSize: 100_000 })
    const client = await rawClient()
    // Only its beginning: the length alone is too much.
    client.socket.write(Buffer.from([0x12, 0, 2, 0, 0, 0x6a, 0x3a]))
    await until('the end of it', () => client.closed)
    expect(host.counters()).toMatchObject({ overlongMessage: 1, malformedFrame: 0 })
    expect(mesh.log.join()).toContain("longer than this node's maxMessageSize: 127.0.0.1")
    await servesOn()
  })

  it('gets an error for a result beyond maxMessageSize, and the mesh keeps working', async () => {
    await hostWith({ maxMessageSize: 100_000 })
    const client = await rawClient()
    client.ask('a call', { type: 'create', path: 'jobs', data: { length: 200_000 } })
    await until('the answer', () => client.answer('a call'))
    const message: unknown = expect.stringContaining('a message has less than 100000')
    expect(client.answer('a call')).toMatchObject([{ message }])
    await servesOn()
  })

  it('is disconnected when it introduces itself at excessive length, and the mesh keeps working', async () => {
    await hostWith({})
    const long = 'x'.repeat(2_000)
    const introduction = `j:{"type":"mesh:caller","data":{"node":"${long}","key":"${long}"}}`
    const paths = JSON.stringify(Array.from({ length: 10_001 }, (_, n) => `path-${n}`))
    const listen = `j:{"type":"mesh:listen","path":"","data":${paths}}`
    for (const bytes of [frame(introduction, 's:!'), frame(listen, 's:1')]) {
      const client = await rawClient()
      client.socket.write(bytes)
      await until('the end of it', () => client.closed)
    }
    expect(host.counters().malformedFrame).toBe(2)
    await servesOn()
  })

  it('is disconnected when it leaves replies beyond maxBacklog unread, and the mesh keeps working', async () => {
    await hostWith({ maxBacklog: 2 ** 18 })
    const client = await rawClient()
    client.socket.pause()
    let calls = 0
    await until('it to be counted', () => {
      client.ask(`call ${calls++}`, { type: 'create', path: 'jobs', data: { length: 2 ** 18 } })
      return host.counters().unreadReplies > 0
    })
    expect(host.counters().unreadReplies).toBe(1)
    expect(mesh.log.join()).toContain('for a connection that does not read them: 127.0.0.1')
    await servesOn()
  })

  it('misses events beyond maxBacklog and is later sent a gap', async () => {
    await hostWith({ maxBacklog: 2 ** 18 })
    const client = await rawClient()
    client.ask('listening', { type: 'mesh:listen', path: '', data: ['jobs'] })
    await until('its answer', () => client.answer('listening'))
    client.socket.pause()
    await until('it to be counted', () => {
      host.app.service('jobs').emit('created', 'x'.repeat(2 ** 18))
      return host.counters().droppedEvents > 0
    })
    await servesOn()
    client.socket.resume()
    const events = (): unknown[] => client.frames.map(([message]) => (message as { event?: string } | null)?.event)
    await until('the gap', () => events().includes('gap'))
  })
})

describe('a node that receives more events per second than maxEventRate', () => {
  it('reads the connection more slowly, counts that, and receives all events', async () => {
    await hostWith({})
    const listener = await mesh.node({ remotes: ['jobs'], cote: { maxEventRate: 50 } })
    const heard: unknown[] = []
    listener.app.service('jobs').on('created', (n: unknown) => heard.push(n))
    await until('an event', () => {
      host.app.service('jobs').emit('created', -1)
      return heard.length > 0
    })
    for (let n = 0; n < 120; n++) host.app.service('jobs').emit('created', n)
    await counted(listener, 'throttledEvents')
    await servesOn()
    await until('the last one', () => heard.at(-1) === 119)
    expect(heard.filter(n => (n as number) >= 0)).toEqual(Array.from({ length: 120 }, (_, n) => n))
  })

  it('reads events of feathers-distributed more slowly as well, and receives all of them', async () => {
    const environment = `${mesh.cote.environment}-old`
    const listener = await mesh.node({ cote: { port: discoveryPort(), environment, maxEventRate: 50 } })
    const old = await new OldNode(discoveryPort(), environment).open()
    try {
      await until('its service', () => listener.services().length > 0)
      const heard: unknown[] = []
      listener.app.service('notes').on('created', ({ n }: { n: unknown }) => heard.push(n))
      const connection = await until('the connection', () => [...old.events.connections][0])
      for (let n = 0; n < 120; n++) {
        connection.send(string('message::default::created'), json({ path: 'notes', key: 'default', n }))
      }
      await counted(listener, 'throttledEvents')
      await until('the last one', () => heard.at(-1) === 119)
      expect(heard).toEqual(Array.from({ length: 120 }, (_, n) => n))
    } finally {
      await old.close()
    }
  })

  it.each([
    ['overlongMessage', Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x6a, 0x3a])],
    ['malformedFrame', Buffer.from('GET / HTTP/1.1\r\n\r\n')]
  ] as const)('counts %s from a node of feathers-distributed', async (reason, bytes) => {
    const environment = `${mesh.cote.environment}-old`
    const listener = await mesh.node({ cote: { port: discoveryPort(), environment } })
    const old = await new OldNode(discoveryPort(), environment).open()
    try {
      await until('its service', () => listener.services().length > 0)
      const connection = await until('the connection', () => [...old.services.connections][0])
      // It only sends frames itself.
      ;(connection as unknown as { socket: Socket }).socket.write(bytes)
      await counted(listener, reason)
    } finally {
      await old.close()
    }
  })
})
