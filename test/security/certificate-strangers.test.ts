import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Certificates, DistributedModule, RejectionReason, RemoteService } from 'feathers-mesh'
import { CertificateRing } from '../../lib/transport/cote/security/certificates/certificate-ring'
import { CertificateSecurity } from '../../lib/transport/cote/security/certificates/certificate-security'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { NodeCertificate } from '../../lib/transport/cote/security/certificates/node-certificate'
import { SealedHellos } from '../../lib/transport/cote/security/secret/sealed-hellos'
import { SignedHellos } from '../../lib/transport/cote/security/certificates/signed-hellos'
import type { TodoService } from '../todo-service'
import { frame, hello } from '../transport/cote/wire'
import { until } from '../until'
import { Authority, selfSigned } from './authority'
import { freePort } from '../free-port'
import { CoteMesh, SECRET } from './mesh-of'
import { Stranger, withRejectUnauthorized } from './stranger'

const title = 'Buy milk'
const names = 'URI:feathers-mesh:key:default'
const authority = Authority.make()
const tls = authority.node('default')
const billing = authority.node('billing')
const foreign = Authority.make().node('default')
const expired = authority.issue({ names, days: -1 })
const nameless = authority.issue({})
const own = { ...selfSigned(), ca: authority.ca }

let mesh: CoteMesh
let host: DistributedModule
let todos: RemoteService<TodoService>
let stranger: Stranger

beforeEach(async () => {
  mesh = new CoteMesh()
  const port = await freePort()
  stranger = await Stranger.at(mesh, port)
  host = await mesh.host({ tls, cote: { basePort: port, handshakeTimeout: 1_000 } })
  todos = await mesh.consumer({ tls })
})

afterEach(async () => {
  await stranger.end()
  await mesh.end()
})

async function tryWith ({ key, cert }: Pick<Certificates, 'key' | 'cert'>, ...frames: Buffer[]): Promise<void> {
  await stranger.tryTls({ key, cert }, Buffer.concat(frames))
}

const environment = (): string => `${mesh.cote.environment}:`
const options = () => ({ environment: environment(), address: '127.0.0.1', onRejected: () => {} })

/** What a node with other certificates would say, those that no node could be started with among them. */
function signedBy (certificates: Certificates, packet: object, signer = certificates): Buffer {
  const { raw } = new NodeCertificate(certificates)
  // All that a writer asks of its ring.
  const ring = { current: { raw, sign: bytes => new NodeCertificate(signer).sign(bytes) } } as CertificateRing
  return new SignedHellos(ring, options()).seal(Buffer.from(JSON.stringify(packet)))
}

const newcomer = (): object => hello('a stranger', mesh.cote.environment, 1)

/** What would be talked to in plain text, and believed to have whichever key it says that its events are of. */
function oldNode (): object {
  const packet = newcomer() as { data: { advertisement: object } }
  Object.assign(packet.data.advertisement, { mesh: undefined, name: 'feathers services publisher' })
  return packet
}

const CONTRACTS = frame('j:{"type":"mesh:contracts","key":"default"}', 's:1')

const ATTEMPTS: ReadonlyArray<readonly [what: string, reason: RejectionReason, attempt: () => Promise<void>]> = [
  ['no certificate', 'handshakeFailed', async () => await stranger.tryTls({}, CONTRACTS)],
  ['a certificate of another authority', 'wrongCertificate', async () => await tryWith(foreign, CONTRACTS)],
  ['an expired certificate', 'wrongCertificate', async () => await tryWith(expired, CONTRACTS)],
  ['a self-signed certificate', 'wrongCertificate', async () => await tryWith(own, CONTRACTS)],
  ['a certificate that names no node', 'wrongCertificate', async () => await tryWith(nameless, CONTRACTS)],
  ['a secret', 'handshakeFailed', async () => {
    const { id, connections: psk } = new KeyRing(SECRET).first
    const identity = `feathers-mesh:${id}`
    await stranger.tryTls({ ciphers: 'TLS_AES_128_GCM_SHA256', pskCallback: () => ({ identity, psk }) }, CONTRACTS)
  }],
  ['the plain text of a raw cote client', 'noTls', async () => await stranger.tryTcp(CONTRACTS)],
  ['a silent connection', 'handshakeTimeout', async () => await stranger.tryTcp()],
  ['the certificate of another key than it claims', 'wrongKey', async () => {
    const claim = { type: 'mesh:caller', data: { node: 'x', key: 'default' } }
    await tryWith(billing, frame(`j:${JSON.stringify(claim)}`, 's:!'), CONTRACTS)
  }],
  ['a replayed hello', 'replayedHello', async () => await stranger.send(await stranger.heardPacket())],
  ['an altered hello', 'forgedHello', async () => {
    await stranger.sendAltered(content => { content[content.length - 3] ^= 1 })
  }],
  ['a hello with an altered signature', 'forgedHello', async () => {
    await stranger.sendAltered(content => { content[content.readUInt16BE() + 10] ^= 1 })
  }],
  ['a hello with an altered certificate', 'foreignHello', async () => {
    await stranger.sendAltered(content => { content[content.readUInt16BE() - 10] ^= 1 })
  }],
  ['a truncated hello', 'foreignHello', async () => await stranger.sendAltered(() => {}, { content: 'AA==' })],
  ['a hello of another mesh under the name of this one', 'forgedHello', async () => {
    const elsewhere = new SignedHellos(new CertificateRing(tls), { ...options(), environment: 'elsewhere' })
    const packet = elsewhere.seal(Buffer.from(JSON.stringify(newcomer()))).toString()
    await stranger.send(Buffer.from(packet.replace('elsewhere', environment())))
  }],
  ['a hello with a certificate of another authority', 'foreignHello', async () => {
    await stranger.send(signedBy(foreign, newcomer()))
  }],
  ['a hello with an expired certificate', 'foreignHello', async () => {
    await stranger.send(signedBy(expired, newcomer()))
  }],
  ['a hello with a self-signed certificate', 'foreignHello', async () => {
    await stranger.send(signedBy(own, newcomer()))
  }],
  ['a hello with the certificate but not the private key of another', 'forgedHello', async () => {
    await stranger.send(signedBy(tls, newcomer(), foreign))
  }],
  ['a hello that claims another key than its certificate names', 'wrongKey', async () => {
    await stranger.send(signedBy(billing, newcomer()))
  }],
  ['a goodbye for a node of another key', 'wrongKey', async () => {
    await stranger.send(signedBy(billing, { event: 'goodbye', iid: todoNode() }))
  }],
  ['a hello for a node of another key', 'wrongKey', async () => {
    const packet = newcomer() as { iid: string, data: { advertisement: { appDistributionKey: string } } }
    packet.iid = todoNode()
    packet.data.advertisement.appDistributionKey = 'billing'
    await stranger.send(signedBy(billing, packet))
  }],
  ['a hello sealed with a secret', 'foreignHello', async () => {
    const hellos = new SealedHellos(new KeyRing(SECRET), options())
    await stranger.send(hellos.seal(Buffer.from(JSON.stringify(newcomer()))))
  }],
  ['a hello that pretends to come from feathers-distributed', 'plainHello', async () => {
    await stranger.send(signedBy(tls, oldNode()))
  }],
  ['a hello without proof', 'plainHello', async () => await stranger.send(newcomer())],
  ['a forged goodbye', 'plainHello', async () => await stranger.send({ event: 'goodbye', iid: todoNode() })]
]

/** The id of the node that calls. */
function todoNode (): string {
  const id = host.nodes().find(({ local }) => !local)?.id
  if (id === undefined) throw new Error('the nodes should know each other')
  return id
}

describe('a stranger on the network of a mesh with certificates', () => {
  const name = 'is rejected, counted and logged once with %s, while the mesh keeps working'
  it.each(ATTEMPTS)(name, async (_what, reason, attempt) => {
    await until('both to meet', () => host.nodes().length === 2)
    const before = host.counters()
    for (let n = 1; n <= 3; n++) {
      await attempt()
      await until('it to be counted', () => host.counters()[reason] >= before[reason] + n)
    }
    const lines = mesh.log.filter(text => /^feathers-mesh refused /.test(text))
    // Both nodes receive a hello.
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThanOrEqual(2)
    for (const line of lines) expect(line).toContain(': 127.0.0.1')
    expect(host.nodes()).toHaveLength(2)
    expect(await todos.create({ title })).toMatchObject({ title })
    expect(stranger.answers).toEqual([])
    expect(host.counters()).toEqual({ ...before, [reason]: host.counters()[reason] })
  })
})

describe('a node of the mesh that claims another key than its certificate names', () => {
  it('gets no call served under the false key', async () => {
    const claim = { type: 'mesh:caller', data: { node: 'x', key: 'default' } }
    const call = { type: 'create', key: 'default', path: 'todos', data: { title: 'Sell milk' }, params: {} }
    await tryWith(billing, frame(`j:${JSON.stringify(claim)}`, 's:!'), frame(`j:${JSON.stringify(call)}`, 's:1'))
    await until('it to be counted', () => host.counters().wrongKey > 0)
    expect(await todos.create({ title })).toMatchObject({ id: 1 })
  })
})

describe('a node with a certificate', () => {
  async function dialled (server: Server): Promise<string[]> {
    const refused: string[] = []
    await stranger.isDialled(server, new CertificateSecurity(new CertificateRing(billing), {
      ...options(), key: 'billing', handshakeTimeout: 200,
      onRejected: (reason, _address, detail) => refused.push(`${reason}: ${detail}`)
    }))
    return refused
  }

  const withCertificate = ({ key, cert }: Pick<Certificates, 'key' | 'cert'>) => (): Server =>
    createTlsServer({ key, cert }).on('secureConnection', (socket: TLSSocket) => socket.on('error', () => {}))

  it.each<[string, string, () => Server]>([
    ['says nothing', 'nothing was proven', () => createServer()],
    ['speaks plain text', '', () => createServer(socket => { socket.write('hello there\r\n') })],
    ['proves a secret', '', () => createTlsServer({
      ciphers: 'TLS_AES_128_GCM_SHA256', pskCallback: () => new KeyRing(SECRET).first.connections
    })],
    ['shows a certificate of another authority', '', withCertificate(foreign)],
    ['shows an expired certificate', 'expired', withCertificate(expired)],
    ['shows a self-signed certificate', 'self-signed', withCertificate(own)],
    ['shows a certificate that names no node', 'names no key', withCertificate(nameless)],
    ['shows a certificate of another key', 'is that of billing, and not of "default"', withCertificate(billing)]
  ])('disconnects and counts it when its peer %s', async (_what, words, make) => {
    expect(await dialled(make())).toEqual([expect.stringMatching(new RegExp(`^unprovenPeer: .*${words}`))])
  })

  it('disconnects when its peer is unproven, even if Node.js is set to accept every certificate', async () => {
    await withRejectUnauthorized('0', async () => {
      expect(await dialled(withCertificate(foreign)())).toEqual([expect.stringContaining('unprovenPeer')])
    })
  })
})

describe('a goodbye before the first hello of its node', () => {
  it('does not lock out a node of another key', async () => {
    let connections = 0
    const server = createTlsServer({ key: tls.key, cert: tls.cert }, socket => socket.on('error', () => {}))
      .on('connection', () => { connections++ }).listen(0, '127.0.0.1')
    stranger.finally(() => server.close())
    await once(server, 'listening')
    const { iid, pid, ...rest } = hello('another', mesh.cote.environment, (server.address() as AddressInfo).port)
    await stranger.send(signedBy(billing, { event: 'goodbye', iid, pid }))
    await stranger.send(signedBy(tls, { iid, pid, ...rest }))
    await until('somebody to come', () => connections > 0)
  })
})

describe('the traffic of nodes with certificates', () => {
  it('contains no clear text of calls, and its hellos are signed', async () => {
    const { connections, packets } = await stranger.capture({ tls })
    expect(connections.length).toBeGreaterThan(1_000)
    for (const word of ['a word to look for', 'todos', 'create', 'mesh:contracts', 'responder', 'feathers-mesh:key']) {
      expect(connections).not.toContain(word)
    }
    expect(packets).toContain('"sealedWith":"certificate"')
  })

  it('tells an observer nothing of what nodes offer but its hash', async () => {
    const hellos = new SignedHellos(new CertificateRing(tls), options())
    const packet = hellos.open(await stranger.heardPacket(), { address: '127.0.0.1' })
    expect(packet?.advertisement?.mesh?.hash).toHaveLength(43)
    expect(packet?.list).toBeUndefined()
  })

  it('needs one Ethernet frame for a hello when the certificates have elliptic-curve keys', async () => {
    expect((await stranger.heardPacket()).length).toBeLessThan(1_472)
    const rsa = authority.issue({ names, algorithm: ['rsa:4096'] })
    expect(signedBy(rsa, newcomer()).length).toBeLessThan(4_096)
  })

  // JSON may end in white space, so it is a hello but for its length.
  it.each<[string, () => Buffer]>([
    ['is not a hello', () => Buffer.from('{}')],
    ['is longer than a packet can be', () => Buffer.from(JSON.stringify(newcomer()).padEnd(65_537))]
  ])('loses a signed packet that %s, which is counted', async (_what, bytesOf) => {
    const { malformedPacket } = host.counters()
    const certificate = new NodeCertificate(tls)
    const ring = { current: certificate } as CertificateRing
    await stranger.send(new SignedHellos(ring, options()).seal(bytesOf()))
    await until('it to be counted', () => host.counters().malformedPacket === malformedPacket + 1)
    expect(await todos.create({ title })).toMatchObject({ title })
  })
})
