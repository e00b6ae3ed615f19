import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { inspect } from 'node:util'
import createDebug from 'debug'
import type { DistributedModule } from 'feathers-mesh'
import { redis } from 'feathers-mesh/redis'
import { Redis } from 'ioredis'
import { findIn } from '../../../security/find-in'
import { freePort } from '../../../free-port'
import { CoteMesh, outcomesDuring, SECRET } from '../../../security/mesh-of'
import type { TodoService } from '../../../todo-service'
import { until } from '../../../until'
import { debugLines } from '../../../debug-lines'
import { MappedPort } from './mapped-port'
import { hasRedis, RedisServer } from './redis-server'

const PASSWORD = 'pa/s:s?w#o@rd'
const describeWithRedis = hasRedis ? describe : describe.skip

let mesh: CoteMesh
let server: RedisServer
const finallyDo: Array<() => unknown> = []

beforeEach(() => { mesh = new CoteMesh() })

afterEach(async () => {
  for (const action of finallyDo.splice(0)) await action()
  await mesh.end()
  await server.kill()
})

/** A client of a test's own. */
function client (password?: string): Redis {
  const made = new Redis(server.port, '127.0.0.1', { password, retryStrategy: () => null })
  finallyDo.push(() => made.disconnect())
  return made
}

/** All messages of a server from now on, by their channels. */
async function messages (): Promise<Array<readonly [channel: string, text: string]>> {
  const heard: Array<readonly [string, string]> = []
  const listener = client()
  listener.on('pmessage', (_pattern, channel: string, text: string) => heard.push([channel, text]))
  await listener.psubscribe('*')
  return heard
}

/** The nodes that a node sees beside itself. */
const others = (node: DistributedModule): number => node.nodes().length - 1

const lines = (part: string): string[] => mesh.log.filter(line => line.includes(part))

describeWithRedis('nodes that find each other through Redis', () => {
  it.each([['an open mesh', {}], ['a mesh with a secret', { secret: SECRET }]])(
    'tell each other the address of IPv6 by which they reach it, in %s', async (_what, options) => {
      server = await RedisServer.onIPv6()
      const byIPv6 = { ...options, discovery: server.url, listen: '::1' }
      await mesh.host(byIPv6)
      const caller = await mesh.node(byIPv6)
      expect(await caller.remote<TodoService>('todos').find()).toEqual([])
      expect(caller.inspect().peers).toMatchObject([{ address: expect.stringMatching(/^\[::1\]:/) as string }])
      expect(mesh.log).toEqual([])
    }
  )

  it.each(['host', 'consumer'])('call each other, also when the %s comes first', async first => {
    server = await RedisServer.start()
    const discovery = server.url
    if (first === 'host') await mesh.host({ discovery })
    const consumer = mesh.consumer({ discovery })
    if (first === 'consumer') {
      await until('the consumer', async () => (await client().publish('cote', '{}')) > 0)
      await mesh.host({ discovery })
    }
    expect(await (await consumer).find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it('have two connections each, and say goodbye when they leave', async () => {
    server = await RedisServer.start()
    const discovery = server.url
    const host = await mesh.host({ discovery })
    const consumer = await mesh.node({ discovery })
    await until('the host', () => others(consumer) === 1)
    const list = String(await client().client('LIST'))
    expect(list.match(/cmd=subscribe|cmd=publish/g)).toHaveLength(4)
    await host.stop()
    await until('it to be gone', () => others(consumer) === 0)
  })

  it('with a secret, send nothing to the channel of cote, and nothing that others can read', async () => {
    server = await RedisServer.start()
    const heard = await messages()
    const options = { discovery: server.url, secret: SECRET }
    await mesh.host(options)
    expect(await (await mesh.consumer(options)).find()).toEqual([])
    expect(new Set(heard.map(([channel]) => channel))).toEqual(new Set([`feathers-mesh:${mesh.cote.environment}`]))
    for (const [, text] of heard) expect(text).toMatch(/^[A-Za-z\d+/]+=*$/)
    expect(mesh.log).toEqual([])
  })

  it('are one node each for those that find them by another way as well', async () => {
    server = await RedisServer.start()
    const options = { discovery: ['broadcast://127.255.255.255', server.url], secret: SECRET }
    const host = await mesh.host({ ...options, cote: { helloInterval: 20 } })
    const consumer = await mesh.node({ ...options, cote: { helloInterval: 20 } })
    await until('the host', () => others(consumer) === 1)
    const heard = await messages()
    await until('many hellos', () => heard.length > 20)
    expect([others(consumer), others(host)]).toEqual([1, 1])
    for (const node of [consumer, host]) expect(Object.values(node.counters()).filter(count => count > 0)).toEqual([])
    const byBroadcast = await mesh.node({ secret: SECRET })
    const byRedis = await mesh.node({ discovery: server.url, secret: SECRET })
    await until('all by both', () => others(consumer) === 3)
    await until('those two, each by its way', () => others(byBroadcast) === 2 && others(byRedis) === 2)
  })

  it('count a packet once, whichever way it is said again', async () => {
    server = await RedisServer.start()
    const heard = await messages()
    const options = { discovery: ['broadcast://127.255.255.255', server.url], secret: SECRET }
    const node = await mesh.node(options)
    await mesh.host(options)
    await until('the other', () => others(node) === 1)
    const [, text] = await until('a packet of Redis', () => heard[0])
    const stranger = createSocket('udp4')
    finallyDo.push(() => stranger.close())
    stranger.bind(0, '127.0.0.1')
    await once(stranger, 'listening')
    stranger.setBroadcast(true)
    const { port, broadcast } = mesh.cote
    stranger.send(Buffer.from(text, 'base64'), port, broadcast)
    await until('the replay', () => node.counters().replayedHello > 0)
    expect(others(node)).toBe(1)
  })

  it.each([
    '192.0.2.7', 'elsewhere.example'
  ])('are not looked for at %s by an open node of this machine', async address => {
    server = await RedisServer.start()
    const node = await mesh.node({ discovery: server.url })
    await until('a listener', async () => (await client().publish('cote', hello(address))) > 0)
    await until('a refusal', () => node.counters().distantHello > 0)
    expect(others(node)).toBe(0)
  })

  it('are looked for on this machine where they tell an address of its own, or its name', async () => {
    server = await RedisServer.start()
    const host = await mesh.host({ discovery: server.url, listen: '0.0.0.0', insecure: true })
    expect(await (await mesh.consumer({ discovery: server.url })).find()).toEqual([])
    await until('both to meet', () => host.nodes().length === 2)
  })

  it('are dialled at a port that is mapped where they advertise it', async () => {
    server = await RedisServer.start()
    const port = await freePort()
    const mapped = await MappedPort.at('127.0.0.5', port)
    finallyDo.push(() => mapped.close())
    const host = await mesh.host({
      discovery: server.url, listen: `127.0.0.1:${port}`, advertise: mapped.place
    })
    expect(await (await mesh.consumer({ discovery: server.url })).find()).toEqual([])
    expect(mapped.connections).toBe(1)
    expect(others(host)).toBe(1)
  })
})

/** Connections that this process has, or is about to have. */
function openConnections (): number {
  return process.getActiveResourcesInfo().filter(each => each === 'TCPSocketWrap' || each === 'TCPConnectWrap').length
}

/** What a node that is reached at an address sends to the channel of cote. */
function hello (address: string): string {
  return JSON.stringify({
    event: 'hello', pid: 'p', iid: address, hostName: address,
    data: {
      advertisement: {
        name: 'feathers services responder', key: `${mesh.cote.environment}:$$default`, axon_type: 'rep', port: 9,
        appUuid: address, appDistributionKey: 'default', mesh: { version: 1, revision: 0, advertise: address }
      }
    }
  })
}

describeWithRedis('a message of Redis', () => {
  it('is dropped and counted when it has more than 1048576 characters', async () => {
    server = await RedisServer.start()
    const node = await mesh.node({ discovery: server.url })
    await until('a listener', async () => (await client().publish('cote', '{}')) > 0)
    const packet = JSON.stringify({ event: 'goodbye', iid: 'x'.repeat(100) })
    await client().publish('cote', packet.padEnd(1_048_576))
    await client().publish('cote', packet.padEnd(1_048_577))
    await until('the longer one', () => node.counters().overlongHello === 1)
    const address = `Redis at 127.0.0.1:${server.port}`
    expect(node.nodes({ unreachable: true })).toMatchObject([{ address, code: 'overlongHello' }])
  })
})

describeWithRedis('messages of Redis', () => {
  it('are read more slowly when there are more than a node takes, and its calls go on', async () => {
    server = await RedisServer.start('--client-output-buffer-limit', 'pubsub', '0', '0', '0')
    const broadcast = 'broadcast://127.255.255.255'
    const node = await mesh.host({ discovery: [broadcast, server.url] })
    const todos = await mesh.consumer({ discovery: broadcast })
    const publisher = client()
    await until('a listener', async () => (await publisher.publish('cote', '{}')) > 0)
    // It counts as 105,000, and a node takes 100,000 within a second.
    await publisher.publish('cote', '{}'.padEnd(21_000_000))
    await until('slower reading', () => node.counters().throttledHellos === 1)
    expect(await todos.find()).toEqual([])
  })
})

describeWithRedis('a Redis server', () => {
  it('is found when it comes later than the nodes, with one line for each', async () => {
    server = await RedisServer.at()
    const discovery = server.url
    const consumer = await mesh.node({ discovery })
    const host = await mesh.host({ discovery })
    await until('both lines', () => lines('is not there').length === 2)
    await server.start()
    await until('each other', () => others(consumer) === 1 && others(host) === 1)
    await until('both lines', () => lines('is back').length === 2)
    expect(mesh.log).toHaveLength(4)
    expect(mesh.log[0]).toContain(`Redis at 127.0.0.1:${server.port} is not there (`)
    expect(mesh.log[0]).toContain('ECONNREFUSED')
  })

  it('costs no call and no node when it is killed and comes back, and newcomers are found after it', async () => {
    server = await RedisServer.start()
    // Hellos are due again and again while it is away, and nobody may be taken for silent.
    const options = { discovery: server.url, cote: { helloInterval: 50, checkInterval: 50, nodeTimeout: 300 } }
    await mesh.host(options)
    const caller = await mesh.node({ ...options, remotes: ['todos'] })
    const left: unknown[] = []
    caller.app.on('service-removed', service => left.push(service))
    let newcomer: DistributedModule | undefined
    const outcomes = await outcomesDuring(caller.remote<TodoService>('todos'), async () => {
      await server.kill()
      await until('both lines', () => lines('is not there').length === 2)
      newcomer = await mesh.node(options)
      const before = performance.now()
      await until('a time in which a silent node would be gone', () => performance.now() > before + 500)
      expect(others(caller)).toBe(1)
      await server.start()
      await until('the newcomer', () => newcomer !== undefined && others(newcomer) === 2 && others(caller) === 2)
    })
    expect([...outcomes]).toEqual(['fulfilled'])
    expect(left).toEqual([])
    await until('three lines', () => lines('is back').length === 3)
    expect(lines('is not there')).toHaveLength(3)
  })

  it('changes no readiness when it is killed and comes back', async () => {
    server = await RedisServer.start()
    const options = { discovery: server.url, cote: { helloInterval: 50, checkInterval: 50, nodeTimeout: 300 } }
    await mesh.host(options)
    const node = await mesh.node({ ...options, remotes: ['todos'] })
    const seen = new Set<string>()
    const sample = (): number => seen.add(node.health().status).size
    await server.kill()
    await until('both lines', () => sample() > 0 && lines('is not there').length === 2)
    const before = performance.now()
    await until('a time in which a silent node would be gone', () => sample() > 0 && performance.now() > before + 500)
    await server.start()
    await until('both lines', () => sample() > 0 && lines('is back').length === 2)
    expect([...seen]).toEqual(['SERVING'])
  })

  it('costs one line each time that it goes, and one each time that it is back', async () => {
    server = await RedisServer.start()
    await mesh.node({ discovery: server.url })
    for (const times of [1, 2]) {
      await server.kill()
      await until('a line', () => lines('is not there').length === times)
      await server.start()
      await until('a line', () => lines('is back').length === times)
    }
    expect(mesh.log).toHaveLength(4)
  })

  it('needs no more permissions than messages need', async () => {
    const user = 'mesh on >pw resetchannels &feathers-mesh:* +subscribe +publish'
    server = await RedisServer.start('--user', ...user.split(' '), '--user', 'default', 'off')
    const options = { discovery: `redis://mesh:pw@127.0.0.1:${server.port}`, secret: SECRET }
    await mesh.host(options)
    expect(await (await mesh.consumer(options)).find()).toEqual([])
    expect(mesh.log).toEqual([])
  })

  it('ends nothing when it refuses the password, and the one line about it shows no password', async () => {
    server = await RedisServer.start('--requirepass', 'another one')
    const node = await mesh.node({ discovery: `redis://:${PASSWORD}@127.0.0.1:${server.port}` })
    await until('a line', () => lines('WRONGPASS').length === 1)
    const admin = client('another one')
    await until('more tries', async () => {
      return Number(/cmdstat_auth:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]) > 5
    })
    expect(mesh.log).toHaveLength(1)
    expect(mesh.log[0]).not.toContain(PASSWORD)
    expect(others(node)).toBe(0)
  })
})

describeWithRedis('a node that leaves', () => {
  it.each([
    ['does not take packets', async () => server.freeze()],
    ['does not answer its connection', async () => await server.kill()]
  ])('is gone at once while the server %s', async (_what, stop) => {
    server = await RedisServer.start()
    const publisher = client()
    await publisher.ping()
    const before = openConnections()
    const node = await mesh.node({ discovery: server.url })
    await until('a listener', async () => (await publisher.publish('cote', '{}')) > 0)
    await stop()
    await node.stop()
    // What it opened has been closed, and not only forgotten.
    await until('what was open before', () => openConnections() <= before)
  })

  it('closes a connection that is being established', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    finallyDo.push(() => silent.close())
    await once(silent, 'listening')
    server = await RedisServer.at()
    const { port } = silent.address() as AddressInfo
    const accepted = once(silent, 'connection')
    const node = await mesh.node({ discovery: `redis://127.0.0.1:${port}` })
    const [socket] = await accepted as [Socket]
    socket.resume()
    await node.stop()
    await until('its end', () => socket.destroyed || socket.readableEnded)
    socket.destroy()
  })
})

describeWithRedis('a Redis server that comes and goes', () => {
  it('causes one line of the log', async () => {
    let dials = 0
    const flapping = createServer(socket => {
      dials++
      socket.on('error', () => {})
      socket.destroy()
    }).listen(0, '127.0.0.1')
    finallyDo.push(() => flapping.close())
    await once(flapping, 'listening')
    server = await RedisServer.at()
    const { port } = flapping.address() as AddressInfo
    await mesh.node({ discovery: `redis://127.0.0.1:${port}` })
    await until('some dials', () => dials >= 8)
    expect(mesh.log).toHaveLength(1)
  })
})

describeWithRedis('options that ioredis does not take', () => {
  it('end nothing, and cause one line of the log', async () => {
    server = await RedisServer.at()
    const node = await mesh.node({ discovery: redis({ host: '127.0.0.1', port: server.port, scripts: { '': null } }) })
    await until('a line', () => mesh.log.length > 0)
    expect(mesh.log).toHaveLength(1)
    expect(others(node)).toBe(0)
  })
})

describeWithRedis('a password of Redis', () => {
  it.each([
    ['of a few characters', PASSWORD], ['of many', `${PASSWORD}${'x'.repeat(300)}`], ['of digits', '4711081500']
  ])('%s is used, and shown nowhere', async (_what, password) => {
    server = await RedisServer.start('--requirepass', password)
    const written = debugLines('*')
    finallyDo.push(() => createDebug.disable())
    const discovery = `redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}/0`
    const host = await mesh.host({ discovery })
    const { port } = server
    const byFunction = redis({ host: '127.0.0.1', port, password: /^\d+$/.test(password) ? Number(password) : password })
    const consumer = await mesh.node({ remotes: ['todos'], discovery: byFunction })
    const other = await mesh.node({ remotes: ['todos'], cote: { redis: { url: server.url, password } } })
    expect(await consumer.remote<TodoService>('todos').find()).toEqual([])
    expect(await other.remote<TodoService>('todos').find()).toEqual([])
    for (const node of [host, consumer, other]) {
      for (const secret of [password, encodeURIComponent(password)]) {
        expect(findIn(node, secret)).toBeUndefined()
        expect(inspect(node, { depth: 5 })).not.toContain(secret)
      }
    }
    expect(mesh.log).toEqual([])
    // ioredis writes each command with its arguments.
    expect(written.join('\n')).toContain('auth')
    // It cuts long ones.
    expect(written.join('\n')).not.toContain(password.slice(0, PASSWORD.length))
  })
})
