import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Params } from '@feathersjs/feathers'
import type { Certificates, ConfigurationError, DistributedModuleOptions } from 'feathers-mesh'
import {
  CoteTransport, Distributed, DistributedMethod, DistributedModule, MemoryNetwork, type RemoteService
} from 'feathers-mesh'
import { TodoService } from '../todo-service'
import { rejection, until } from '../until'
import { Authority, selfSigned } from './authority'
import { findIn } from './find-in'
import { CoteMesh, outcomesDuring, SECRET } from './mesh-of'

const title = 'Buy milk'
const authority = Authority.make()
const tls = authority.node('default')
const names = 'URI:feathers-mesh:key:default'
const FOR_SERVERS = 'extendedKeyUsage=serverAuth'

@Distributed({ path: 'bills', allow: ['billing'] })
class BillService {
  @DistributedMethod() async find (params?: Params): Promise<unknown> { return params?.caller }
}

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

function faultsOf (options: object): string {
  try {
    DistributedModule.forRoot(options)
  } catch (error) {
    return (error as ConfigurationError).faults.join()
  }
  throw new Error('these options should have been refused')
}

/** A node of a key that has found the bills. */
async function caller (options: DistributedModuleOptions): Promise<RemoteService<BillService>> {
  return (await mesh.node({ remotes: ['bills'], ...options })).remote<BillService>('bills')
}

describe('nodes with certificates', () => {
  it.each<[string, () => Certificates]>([
    ['those of elliptic curves', () => tls],
    ['those of RSA', () => authority.issue({ names, algorithm: ['rsa:2048'] })],
    ['those of Ed25519', () => authority.issue({ names, algorithm: ['ed25519'] })],
    ['given as Buffers', () => ({
      key: Buffer.from(tls.key), cert: Buffer.from(tls.cert), ca: Buffer.from(tls.ca.toString())
    })]
  ])('find each other, call each other and receive events when the certificates are %s', async (_what, make) => {
    await mesh.host({ tls: make() })
    const todos = await mesh.consumer({ tls })
    const heard: unknown[] = []
    todos.on('created', todo => heard.push(todo))
    await until('an event', async () => {
      await todos.create({ title })
      return heard.length > 0
    })
    expect(heard[0]).toMatchObject({ title })
  })

  it('may use an intermediate authority', async () => {
    const below = authority.intermediate()
    await mesh.host({ tls: below.node('default') })
    const todos = await mesh.consumer({ tls: below.node('default') })
    expect(await todos.create({ title })).toMatchObject({ title })
  })

  it('may be open to other machines without the option insecure', () => {
    expect(DistributedModule.forRoot({ tls, cote: { broadcast: '192.0.2.255' } })).toBeInstanceOf(DistributedModule)
    expect(mesh.log).toEqual([])
  })

  it('ignore MESH_SECRET', async () => {
    process.env.MESH_SECRET = SECRET
    try {
      await mesh.host({ tls })
      expect(await (await mesh.consumer({ tls })).create({ title })).toMatchObject({ title })
    } finally {
      delete process.env.MESH_SECRET
    }
  })

  it('are removed when they say goodbye', async () => {
    const [one, other] = [await mesh.node({ tls }), await mesh.node({ tls })]
    await until('both', () => one.nodes().length === 2)
    await other.stop()
    await until('one alone', () => one.nodes().length === 1)
  })
})

describe('the commands in SECURITY.md', () => {
  it('make a certificate that a node accepts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
    try {
      const text = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8')
      const [, commands = 'false'] = /```sh\n(openssl req .*?)```/s.exec(text) ?? []
      execFileSync('sh', ['-ec', commands], { cwd: folder, stdio: 'pipe' })
      const files = ['billing.key', 'billing.pem', 'mesh-ca.pem']
      const [key, cert, ca] = files.map(name => readFileSync(join(folder, name)))
      expect(DistributedModule.forRoot({ key: 'billing', tls: { key, cert, ca } })).toBeInstanceOf(DistributedModule)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the key of a node with a certificate', () => {
  it('is proven and counts for allow', async () => {
    await mesh.node({ tls, services: [BillService] })
    const bills = await caller({ key: 'billing', tls: authority.node('gateway', 'billing') })
    expect(await bills.find()).toMatchObject({ key: 'billing', proven: true })
    const others = await caller({ tls })
    expect(await rejection(others.find())).toMatchObject({ name: 'Forbidden' })
  })

  it('may contain any characters', async () => {
    const key = 'rechnung, "süß" / 100%'
    await mesh.host({ key, tls: authority.node(key) })
    expect(await (await mesh.consumer({ tls })).create({ title })).toMatchObject({ title })
  })

  it('must be named in the certificate', () => {
    expect(faultsOf({ key: 'billing', tls })).toContain('subjectAltName URI:feathers-mesh:key:billing')
    expect(faultsOf({ tls: authority.node('billing') })).toContain('this node is "default"')
  })

  it('must be named in the certificate of a given transport, too', async () => {
    const transport = new CoteTransport(mesh.cote, { tls })
    const node = DistributedModule.forRoot({ key: 'billing', transport })
    expect(await rejection(node.start())).toMatchObject({ name: 'ConfigurationError' })
  })
})

describe('the option tls', () => {
  const own = selfSigned()
  const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----\n'
  const below = authority.intermediate()
  const foreign = 'issued by none of those in ca'
  it.each<[string, unknown, string]>([
    ['a string', 'key', 'must have key, cert and ca'],
    ['a function that returns nothing', () => undefined, "what option 'tls' returns must have key, cert and ca"],
    ['an object without ca', { ...tls, ca: undefined }, 'must have key, cert and ca'],
    ['an object with an empty ca', { ...tls, ca: [] }, 'must have key, cert and ca'],
    ['an object with an unknown field', { ...tls, pfx: 'x' }, 'no pfx'],
    ['a key with a passphrase', { ...tls, key: encrypted }, 'has a passphrase'],
    ['an invalid certificate', { ...tls, cert: tls.key }, 'cert is no certificate'],
    ['an invalid ca', { ...tls, ca: 'here' }, 'ca holds no certificate'],
    ['a cert for another key', { ...tls, key: authority.node('default').key }, 'cert is not the certificate of key'],
    ['a certificate of another authority', { ...tls, ca: Authority.make().ca }, foreign],
    ['a self-signed certificate', { ...selfSigned(), ca: authority.ca }, foreign],
    ['a certificate of an authority that is not one', { ...own, ca: own.cert }, foreign],
    ['a certificate of an authority without its issuer', { ...below.node('default'), ca: below.own.cert }, 'ca lacks'],
    ['a certificate of an authority that is missing in ca', { ...below.node('default'), ca: authority.ca }, foreign],
    ['an expired certificate', authority.issue({ names, days: -1 }), 'has expired'],
    ['a certificate without a name', authority.issue({}), 'names no key'],
    ['a certificate with a host name', authority.issue({ names: 'DNS:default' }), 'names no key'],
    ['a certificate with a name within a name', authority.issue({ names: `@list\n[list]\nDNS.1=x, ${names}, y` }), 'names no key'],
    ['a cert for servers only', authority.issue({ names, extensions: [FOR_SERVERS] }), 'for clients and for servers']
  ])('is refused without revealing the private key when it is %s', (_what, wrong, words) => {
    const faults = faultsOf({ tls: wrong })
    expect(faults).toContain(words)
    const lines = tls.key.toString().split('\n').filter(text => text.length > 20)
    for (const line of lines) expect(faults).not.toContain(line)
  })

  it('is refused beside a secret and beside a transport that would not use it', () => {
    expect(faultsOf({ tls, secret: SECRET })).toContain('two ways to close a mesh')
    expect(faultsOf({ tls, transport: new MemoryNetwork().transport() })).toContain('new CoteTransport(cote, { tls })')
  })

  it.each<[string, Certificates | (() => Certificates)]>([
    ['as an object', tls], ['as a function', () => tls]
  ])('is not exposed on a node, its app or its transport when it is given %s', async (_kind, given) => {
    const host = await mesh.host({ tls: given })
    const todos = await mesh.consumer({ tls })
    await todos.create({ title })
    const transport = new CoteTransport(mesh.cote, { tls: given })
    const options: unknown = Reflect.get(host.app, 'distributionOptions')
    const seen = [host, host.app, host.nodes(), mesh.log, options, todos, transport]
    const line = tls.key.toString().split('\n')[1]
    expect(findIn(seen, line)).toBeUndefined()
    expect(inspect(seen, { depth: 6 })).not.toContain(line)
    expect(findIn([tls], line)).toBe('0.key')
  })
})

describe('the rotation of certificates', () => {
  it('proceeds node by node without a lost call, and the old authority is rejected in the end', async () => {
    const next = Authority.make('next')
    const [older, newer] = [tls, next.node('default')]
    const both = [...authority.ca, ...next.ca]
    const of = { host: older, caller: older }
    const host = await mesh.host({ tls: () => of.host })
    const consumer = await mesh.node({ tls: () => of.caller, remotes: ['todos'] })
    const todos = consumer.remote<TodoService>('todos')
    const outcomes = await outcomesDuring(todos, async () => {
      const newcomer = async (certificates: Certificates): Promise<void> => {
        const node = await mesh.node({ tls: certificates, remotes: ['todos'] })
        await node.remote<TodoService>('todos').create({ title })
        await until('all to meet', () => node.nodes().length === 3)
        await node.stop()
      }
      of.host = { ...older, ca: both }
      of.caller = { ...older, ca: both }
      await newcomer(older)
      of.host = { ...newer, ca: both }
      of.caller = { ...newer, ca: both }
      await newcomer({ ...newer, ca: both })
      of.host = newer
      of.caller = newer
      await newcomer(newer)
    })
    expect(outcomes).toEqual(new Set(['fulfilled']))
    const late = await mesh.node({ tls: older })
    await until('the old authority to be refused', () => host.counters().foreignHello > 0)
    expect(late.nodes()).toHaveLength(1)
  })

  it('closes connections whose certificate is no longer accepted', async () => {
    const next = Authority.make('next')
    const of = { host: tls }
    const host = await mesh.host({ tls: () => of.host })
    const todos = await mesh.consumer({ tls, retries: 0, waitForService: false })
    expect(await todos.create({ title })).toMatchObject({ title })
    of.host = next.node('default')
    await until('the connection to be cut', () => host.counters().wrongCertificate > 0)
    expect(mesh.log.join()).toContain('issued by none of those in ca')
  })

  it('closes connections whose certificate has expired', async () => {
    const host = await mesh.host({ tls })
    const todos = await mesh.consumer({ tls })
    expect(await todos.create({ title })).toMatchObject({ title })
    const { now } = Date
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 2 * 24 * 60 * 60 * 1_000)
    await until('the connection to be cut', () => host.counters().wrongCertificate > 0)
    expect(mesh.log.join()).toContain('the certificate of this node has expired')
  })

  it('keeps the previous certificates, with one warning, when the function returns something invalid', async () => {
    let given: unknown = tls
    // As JavaScript could.
    const host = await mesh.host({ tls: () => given as Certificates })
    given = authority.node('billing')
    await until('a warning', () => mesh.log.some(line => line.includes("keeps what option 'tls' was before")))
    const todos = await mesh.consumer({ tls })
    expect(await todos.create({ title })).toMatchObject({ title })
    expect(host.counters().wrongCertificate).toBe(0)
  })
})
