import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Counters, DistributedModule, RefusalReason, RemoteService } from 'feathers-mesh'
import { KeyRing } from '../../lib/transport/cote/security/key-ring'
import { SecretSecurity } from '../../lib/transport/cote/security/secret-security'
import type { TodoService } from '../todo-service'
import { frame, hello } from '../transport/cote/wire'
import { until } from '../until'
import { CoteMesh, OTHER_SECRET, SECRET } from './mesh-of'

const TLS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const
const title = 'Buy milk'

let mesh: CoteMesh
let host: DistributedModule
let todos: RemoteService<TodoService>
let port: number
let discovery: UdpSocket
let packets: Buffer[]
let cleanUp: Array<() => unknown>

/** A port that was free a moment ago. */
async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return free
}

beforeEach(async () => {
  cleanUp = []
  packets = []
  mesh = new CoteMesh()
  port = await freePort()
  discovery = createSocket({ type: 'udp4', reuseAddr: true })
  discovery.on('message', bytes => packets.push(bytes))
  discovery.bind({ port: mesh.cote.port, address: mesh.cote.broadcast })
  await once(discovery, 'listening')
  discovery.setBroadcast(true)
  const cote = { basePort: port, handshakeTimeout: 200, maxConnectionsPerAddress: 20 }
  host = await mesh.host({ secret: SECRET, cote })
  todos = await mesh.consumer({ secret: SECRET })
})

afterEach(async () => {
  for (const action of cleanUp) await action()
  discovery.close()
  await mesh.end()
})

/** Connects, and waits until the host has closed the connection. */
async function tryTcp (say?: Buffer): Promise<void> {
  const socket = connectTcp(port, '127.0.0.1').on('error', () => {})
  cleanUp.push(() => socket.destroy())
  if (say !== undefined) socket.write(say)
  socket.resume()
  await once(socket, 'close')
}

async function tryTls (identity: string, secret: Buffer | undefined): Promise<void> {
  const psk = secret === undefined ? {} : { pskCallback: () => ({ identity, psk: secret }) }
  const socket = connectTls({ ...TLS, ...psk, host: '127.0.0.1', port, checkServerIdentity: () => undefined })
  cleanUp.push(() => socket.destroy())
  socket.on('error', () => {})
  await new Promise(resolve => { socket.once('close', resolve) })
}

async function send (packet: Buffer | object): Promise<void> {
  const bytes = Buffer.isBuffer(packet) ? packet : Buffer.from(JSON.stringify(packet))
  await new Promise(resolve => { discovery.send(bytes, mesh.cote.port, mesh.cote.broadcast, resolve) })
}

/** A packet that a node of the mesh has said. */
async function heardPacket (): Promise<Buffer> {
  return await until('a packet', () => packets.find(bytes => bytes.includes('mesh:sealed')))
}

const ATTEMPTS: ReadonlyArray<readonly [what: string, reason: RefusalReason, attempt: () => Promise<void>]> = [
  ['the wrong secret', 'wrongSecret', async () => {
    const [keys] = new KeyRing(OTHER_SECRET).accepted
    await tryTls(`feathers-mesh:${keys.id}`, keys.connections)
  }],
  ['the wrong secret under the name of the right one', 'wrongSecret', async () => {
    const [right, wrong] = new KeyRing([SECRET, OTHER_SECRET]).accepted
    await tryTls(`feathers-mesh:${right.id}`, wrong.connections)
  }],
  ['TLS without a secret', 'handshakeFailed', async () => await tryTls('', undefined)],
  ['plain text, as a raw cote client', 'noTls', async () => {
    await tryTcp(frame('j:{"type":"find","path":"todos"}', 's:1'))
  }],
  ['an HTTP request', 'noTls', async () => await tryTcp(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  ['a connection that says nothing', 'handshakeTimeout', async () => await tryTcp()],
  ['a handshake that never ends', 'handshakeTimeout', async () => await tryTcp(Buffer.from([0x16, 3, 1, 2, 0, 1]))],
  ['a hello that was said before', 'replayedHello', async () => await send(await heardPacket())],
  ['a hello that was altered', 'forgedHello', async () => {
    const envelope = JSON.parse((await heardPacket()).toString()) as { content: string }
    const content = Buffer.from(envelope.content, 'base64')
    content[20] ^= 1
    await send({ ...envelope, content: content.toString('base64') })
  }],
  ['a hello sealed with another secret', 'foreignHello', async () => {
    const envelope = JSON.parse((await heardPacket()).toString()) as object
    await send({ ...envelope, sealedWith: new KeyRing(OTHER_SECRET).first.id })
  }],
  ['a hello of a node without secret', 'plainHello', async () => {
    await send(hello('a stranger', mesh.cote.environment, 1))
  }],
  ['a forged goodbye', 'plainHello', async () => await send({ event: 'goodbye', iid: host.nodes()[0].id })]
]

describe('a stranger with the right ports and', () => {
  const name = '%s is refused, counted, and logged once, and the mesh serves on'
  it.each(ATTEMPTS)(name, async (_what, reason, attempt) => {
    const before = host.counters()
    for (let n = 1; n <= 3; n++) {
      await attempt()
      await until('it to be counted', () => host.counters()[reason] >= before[reason] + n)
    }
    const address = '127.0.0.1'
    const line = /^feathers-mesh refused .*127\.0\.0\.1/
    expect(mesh.log.filter(text => line.test(text)).length).toBeLessThanOrEqual(2)
    expect(mesh.log.join()).toContain(`: ${address}`)
    expect(mesh.log.join()).not.toContain(SECRET)
    expect(host.nodes()).toHaveLength(2)
    expect(await todos.create({ title })).toMatchObject({ title })
  })

  it('more connections than one address may have is refused those', async () => {
    const sockets: Socket[] = []
    cleanUp.push(() => { for (const socket of sockets) socket.destroy() })
    while (sockets.length < 40) sockets.push(connectTcp(port, '127.0.0.1').on('error', () => {}))
    await until('them to be counted', () => host.counters().tooManyConnections > 0)
    expect(await todos.create({ title })).toMatchObject({ title })
  })

  it('a node of feathers-distributed is refused with the reason', async () => {
    const old = hello('an old node', mesh.cote.environment, 1) as { data: { advertisement: { mesh?: object } } }
    delete old.data.advertisement.mesh
    await send(old)
    await until('a line of the log', () => mesh.log.some(line => line.includes('a node of feathers-distributed')))
    expect(mesh.log.join()).toContain("can't prove a secret")
  })
})

describe('a node that finds a stranger where it expects another node', () => {
  async function dialled (treat: (socket: Socket) => void): Promise<Array<[RefusalReason, string | undefined]>> {
    const server: Server = createServer(socket => {
      socket.on('error', () => {})
      cleanUp.push(() => socket.destroy())
      treat(socket)
    }).listen(0, '127.0.0.1')
    cleanUp.push(() => server.close())
    await once(server, 'listening')
    const refused: Array<[RefusalReason, string | undefined]> = []
    const security = new SecretSecurity(new KeyRing(SECRET), {
      environment: '', address: '127.0.0.1', handshakeTimeout: 200,
      refuse: (reason, _address, detail) => refused.push([reason, detail])
    })
    const { port: there } = server.address() as AddressInfo
    let ready = false
    const socket = security.dial({ host: '127.0.0.1', port: there, key: 'default' }, () => { ready = true })
    socket.on('error', () => {})
    await new Promise(resolve => { socket.once('close', resolve) })
    expect(ready).toBe(false)
    return refused
  }

  it.each([
    ['says nothing', () => {}], ['speaks plain text', (socket: Socket) => { socket.write('hello there\r\n') }]
  ])('that %s gives up and counts it', async (_what, treat) => {
    expect(await dialled(treat)).toEqual([['unprovenPeer', expect.any(String)]])
  })
})

describe('what nodes with a secret say to each other', () => {
  /** All bytes of a call, with a proxy between the two, and of discovery. */
  async function captureOf (secret: string | undefined): Promise<string> {
    const captured: Buffer[] = []
    const there = await freePort()
    const proxy = createServer(near => {
      const far = connectTcp(there, '127.0.0.1')
      near.on('data', chunk => captured.push(chunk)).on('error', () => {}).pipe(far)
      far.on('data', chunk => captured.push(chunk)).on('error', () => {}).pipe(near)
      cleanUp.push(() => { near.destroy(); far.destroy() })
    }).listen(there, '127.0.0.9')
    cleanUp.push(() => proxy.close())
    await once(proxy, 'listening')
    process.env.DISCOVERY_HOSTNAME = '127.0.0.9'
    const cote = { environment: `${mesh.cote.environment}-captured`, basePort: there, useHostNames: true }
    await mesh.host({ secret, cote })
    delete process.env.DISCOVERY_HOSTNAME
    const caller = await mesh.consumer({ secret, cote: { ...cote, basePort: undefined } })
    await caller.create({ title: 'a word to look for' })
    return Buffer.concat([...captured, ...packets]).toString('latin1')
  }

  it('holds nothing of a call in clear, nor of a hello, on the wire between them', async () => {
    const captured = await captureOf(SECRET)
    expect(captured.length).toBeGreaterThan(1_000)
    for (const word of ['a word to look for', 'todos', 'create', 'mesh:contracts', 'responder']) {
      expect(captured).not.toContain(word)
    }
  })

  it('is seen by the same means where there is no secret', async () => {
    const captured = await captureOf(undefined)
    for (const word of ['a word to look for', 'todos', 'mesh:contracts', 'responder']) expect(captured).toContain(word)
  })
})

describe('the counters of a node', () => {
  it('are there before anything was refused, and are not to be changed', () => {
    const counters = host.counters() as Record<keyof Counters, number>
    counters.noTls = 7
    expect(host.counters().noTls).toBe(0)
  })
})
