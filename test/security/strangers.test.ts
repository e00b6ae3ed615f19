import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Counters, DistributedModule, RejectionReason, RemoteService } from 'feathers-mesh'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { SecretSecurity } from '../../lib/transport/cote/security/secret/secret-security'
import type { TodoService } from '../todo-service'
import { frame, hello } from '../transport/cote/wire'
import { until } from '../until'
import { Authority } from './authority'
import { freePort } from '../free-port'
import { CoteMesh, OTHER_SECRET, SECRET } from './mesh-of'
import { Stranger, withRejectUnauthorized } from './stranger'

const CIPHERS = 'TLS_AES_128_GCM_SHA256'
const title = 'Buy milk'

let mesh: CoteMesh
let host: DistributedModule
let todos: RemoteService<TodoService>
let stranger: Stranger

beforeEach(async () => {
  mesh = new CoteMesh()
  const port = await freePort()
  stranger = await Stranger.at(mesh, port)
  const cote = { basePort: port, handshakeTimeout: 1_000, maxConnectionsPerAddress: 20 }
  host = await mesh.host({ secret: SECRET, cote })
  todos = await mesh.consumer({ secret: SECRET })
})

afterEach(async () => {
  await stranger.end()
  await mesh.end()
})

async function trySecret (identity: string, secret: Buffer | undefined): Promise<void> {
  const psk = secret === undefined ? {} : { pskCallback: () => ({ identity, psk: secret }) }
  await stranger.tryTls({ ciphers: CIPHERS, ...psk })
}

const ATTEMPTS: ReadonlyArray<readonly [what: string, reason: RejectionReason, attempt: () => Promise<void>]> = [
  ['the wrong secret', 'wrongSecret', async () => {
    const [keys] = new KeyRing(OTHER_SECRET).accepted
    await trySecret(`feathers-mesh:${keys.id}`, keys.connections)
  }],
  ['the wrong secret under the name of the right one', 'wrongSecret', async () => {
    const [right, wrong] = new KeyRing([SECRET, OTHER_SECRET]).accepted
    await trySecret(`feathers-mesh:${right.id}`, wrong.connections)
  }],
  ['TLS without a secret', 'handshakeFailed', async () => await trySecret('', undefined)],
  ['the plain text of a raw cote client', 'noTls', async () => {
    await stranger.tryTcp(frame('j:{"type":"find","path":"todos"}', 's:1'))
  }],
  ['an HTTP request', 'noTls', async () => await stranger.tryTcp(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  ['a silent connection', 'handshakeTimeout', async () => await stranger.tryTcp()],
  ['a handshake that never ends', 'handshakeTimeout', async () => {
    await stranger.tryTcp(Buffer.from([0x16, 3, 1, 2, 0, 1]))
  }],
  ['a replayed hello', 'replayedHello', async () => await stranger.send(await stranger.heardPacket())],
  ['an altered hello', 'forgedHello', async () => {
    await stranger.sendAltered(content => { content[20] ^= 1 })
  }],
  ['a hello sealed with another secret', 'foreignHello', async () => {
    await stranger.sendAltered(() => {}, { sealedWith: new KeyRing(OTHER_SECRET).first.id })
  }],
  ['a hello of a node without a secret', 'plainHello', async () => {
    await stranger.send(hello('a stranger', mesh.cote.environment, 1))
  }],
  ['a forged goodbye', 'plainHello', async () => await stranger.send({ event: 'goodbye', iid: host.nodes()[0].id })]
]

describe('a stranger on the network of a mesh with a secret', () => {
  const name = 'is rejected, counted and logged once with %s, while the mesh keeps working'
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

  it('is disconnected beyond the connections that one address may have', async () => {
    const sockets: Socket[] = []
    stranger.finally(() => { for (const socket of sockets) socket.destroy() })
    while (sockets.length < 40) sockets.push(connectTcp(stranger.port, '127.0.0.1').on('error', () => {}))
    await until('them to be counted', () => host.counters().tooManyConnections > 0)
    expect(await todos.create({ title })).toMatchObject({ title })
  })

  it('is rejected with the reason in the log when it is a node of feathers-distributed', async () => {
    const old = hello('an old node', mesh.cote.environment, 1) as { data: { advertisement: { mesh?: object } } }
    delete old.data.advertisement.mesh
    await stranger.send(old)
    await until('a line of the log', () => mesh.log.some(line => line.includes('a node of feathers-distributed')))
    expect(mesh.log.join()).toContain("can't prove a secret")
  })
})

describe('a node with a secret', () => {
  async function dialled (server: Server): Promise<Array<[RejectionReason, string | undefined]>> {
    const refused: Array<[RejectionReason, string | undefined]> = []
    await stranger.isDialled(server, new SecretSecurity(new KeyRing(SECRET), {
      environment: '', address: '127.0.0.1', handshakeTimeout: 200,
      onRejected: (reason, _address, detail) => refused.push([reason, detail])
    }))
    return refused
  }

  it.each([
    ['says nothing', () => {}], ['speaks plain text', (socket: Socket) => { socket.write('hello there\r\n') }]
  ])('disconnects and counts it when its peer %s', async (_what, treat) => {
    expect(await dialled(createServer(treat))).toEqual([['unprovenPeer', expect.any(String)]])
  })

  // Without further checks, Node.js would accept a certificate in place of the secret.
  it.each([
    ['shows a certificate', '1'], ['shows a certificate that Node.js is set to accept', '0']
  ])('disconnects and counts it when its peer %s instead of proving the secret', async (_what, rejectUnauthorized) => {
    const { key, cert } = Authority.make().node('default')
    await withRejectUnauthorized(rejectUnauthorized, async () => {
      expect(await dialled(createTlsServer({ key, cert }))).toEqual([['unprovenPeer', expect.any(String)]])
    })
  })
})

describe('the traffic of nodes with a secret', () => {
  async function captureOf (secret: string | undefined): Promise<string> {
    const { connections, packets } = await stranger.capture({ secret })
    return connections + packets
  }

  it('contains no clear text of calls or hellos', async () => {
    const captured = await captureOf(SECRET)
    expect(captured.length).toBeGreaterThan(1_000)
    for (const word of ['a word to look for', 'todos', 'create', 'mesh:contracts', 'responder']) {
      expect(captured).not.toContain(word)
    }
  })

  it('would be detected by the same means without a secret', async () => {
    const captured = await captureOf(undefined)
    for (const word of ['a word to look for', 'todos', 'mesh:contracts', 'responder']) expect(captured).toContain(word)
  })
})

describe('the counters of a node', () => {
  it('exist before anything is rejected and cannot be modified', () => {
    const counters = host.counters() as Record<keyof Counters, number>
    counters.noTls = 7
    expect(host.counters().noTls).toBe(0)
  })
})
