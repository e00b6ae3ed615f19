import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { DistributedModule, type Counters } from 'feathers-mesh'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { TestProcesses, type TestProcess } from '../process'
import { HostileInput } from '../transport/cote/hostile-input'
import { repeat, seed, survives } from '../transport/cote/under-fuzz'
import { randomBytes, seeded } from '../transport/cote/wire'
import { atMost, until } from '../until'
import { freePort } from '../free-port'
import { SECRET } from './mesh-of'

const CONNECTIONS = 1_000
const AT_ONCE = 20
const PACKETS = 5_000
const PACKETS_AT_ONCE = 50
/** Milliseconds that a busy machine may take for a connection. */
const PATIENCE = 60_000

/** No other test may receive these packets. */
const DISCOVERY_PORT = 14_000 + process.pid % 2_000
const BROADCAST = '127.255.255.255'
const TLS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const

describe(`a node with a secret under malformed connections and packets (seed ${seed})`, () => {
  const processes = new TestProcesses('all')
  const random = seeded(seed)
  const input = new HostileInput(random, 'fuzz')
  const udp: UdpSocket = createSocket({ type: 'udp4', reuseAddr: true })
  const below = (limit: number): number => Math.floor(random() * limit)
  let host: TestProcess
  let port: number
  let greeting: Buffer
  let envelope: Buffer
  let client: DistributedModule

  beforeAll(async () => {
    port = await freePort()
    greeting = await recordGreeting()
    await once(udp.bind({ port: DISCOVERY_PORT, address: BROADCAST }), 'listening')
    udp.setBroadcast(true)
    const heard = new Promise<Buffer>(resolve => { udp.once('message', resolve) })
    host = await processes.run('fuzz-target', {
      DISCOVERY_PORT: String(DISCOVERY_PORT), TCP_PORT: String(port), COTE_ENV: 'fuzz', MESH_SECRET: SECRET
    })
    await host.ask('start')
    envelope = await heard
    udp.on('message', () => {})
    client = DistributedModule.forRoot({
      remotes: ['todos'], secret: SECRET, cote: { port: DISCOVERY_PORT, environment: 'fuzz' }
    })
    await client.start()
  })

  afterAll(async () => {
    await client?.stop()
    udp.close()
  })

  const secure = (to: number): Socket => {
    const { id, connections } = new KeyRing(SECRET).first
    return connectTls({
      ...TLS, host: '127.0.0.1', port: to, checkServerIdentity: () => undefined,
      pskCallback: () => ({ identity: `feathers-mesh:${id}`, psk: connections })
    })
  }

  /** What a node says first, to be said with mistakes. */
  async function recordGreeting (): Promise<Buffer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const dialled = secure((server.address() as AddressInfo).port).on('error', () => {})
    const [accepted] = await once(server, 'connection') as [Socket]
    const [bytes] = await once(accepted, 'data') as [Buffer]
    dialled.destroy()
    accepted.destroy()
    server.close()
    return bytes
  }

  /** One connection of a stranger, or of a node that has the secret and means no good. */
  async function connection (): Promise<void> {
    const kind = below(4)
    const socket = (kind === 0 ? secure(port) : connect(port, '127.0.0.1')).on('error', () => {})
    const closed = new Promise<void>(resolve => { socket.once('close', () => resolve()) })
    socket.resume()
    if (kind === 0) {
      for (let n = below(10); n > 0; n--) socket.write(input.nonsense())
      socket.write(input.breaking())
    } else {
      const bytes = kind === 1 ? randomBytes(random, 1 + below(2_000)) : Buffer.from(greeting)
      for (let n = 1 + below(4); kind === 2 && n > 0; n--) bytes[below(bytes.length)] = below(256)
      socket.end(kind === 3 ? bytes.subarray(0, below(bytes.length)) : bytes)
    }
    await atMost(PATIENCE, closed, () => 'the node did not close the connection')
  }

  /** What a node has said, with mistakes, or something else. */
  function packet (): Buffer {
    if (random() < 0.3) return input.packet()
    const bytes = Buffer.from(envelope)
    for (let n = below(4); n > 0; n--) bytes[below(bytes.length)] = below(256)
    return bytes
  }

  async function packets (count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += PACKETS_AT_ONCE) {
      await Promise.all(Array.from({ length: PACKETS_AT_ONCE }, async () => {
        await new Promise(resolve => { udp.send(packet(), DISCOVERY_PORT, BROADCAST, resolve) })
      }))
    }
  }

  it('keeps answering a node with the secret, survives, stores nothing, and logs what it rejected', async () => {
    await survives({ host, client }, 1 / 2, async share => await Promise.all([
      repeat(share * CONNECTIONS, AT_ONCE, connection), packets(share * PACKETS)
    ]))
    const counters = await until('the counters', async () => await host.ask<Counters>('counters'))
    for (const reason of ['noTls', 'malformedFrame', 'forgedHello', 'replayedHello', 'malformedPacket'] as const) {
      expect([reason, counters[reason] > 0]).toEqual([reason, true])
    }
    expect(await host.stop()).toBe(0)
    const expected = /^$|SecurityWarning: feathers-mesh refused|--trace-warnings/
    expect(host.printed.split('\n').filter(line => !expected.test(line))).toEqual([])
    expect(host.printed).not.toContain(SECRET)
  }, 300_000)
})
