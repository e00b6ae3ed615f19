import { DistributedModule, type Counters, type DistributedModuleOptions } from 'feathers-mesh'
import { TestProcesses, type TestProcess } from '../process'
import { frame } from '../transport/cote/wire'
import { until } from '../until'
import { Authority } from './authority'
import { freePort } from '../free-port'
import { SECRET } from './mesh-of'
import { RawConnection } from './raw-connection'

/** More than a node takes from one address, and more than wait while it accepts them. */
const STRANGERS = 1_100
/** The same for a node that takes few: strangers that come again and again keep the machine busy. */
const FEW = { bound: 200, strangers: 250 }

const DISCOVERY_PORT = 16_000 + process.pid % 2_000
const processes = new TestProcesses('all')
const authority = Authority.make()
const ask = (type: string, data: unknown = null): Buffer =>
  frame(`j:${JSON.stringify({ type, key: 'default', path: 'jobs', data })}`, 's:1')
const introduce = frame('j:{"type":"mesh:caller","data":{"node":"a stranger","key":"default"}}', 's:!')
const listen = frame('j:{"type":"mesh:listen","data":["jobs"],"params":{"counts":true}}', 's:2')
const MB = 1024 * 1024

let nodes: DistributedModule[] = []
let meshes = 0
let cote: { readonly port: number, readonly environment: string }
let port: number
let host: TestProcess
let strangers: TestProcess
let security: DistributedModuleOptions

beforeEach(async () => {
  nodes = []
  cote = { port: DISCOVERY_PORT, environment: `lockout-${process.pid}-${++meshes}` }
  port = await freePort()
})

afterEach(async () => {
  await Promise.all(nodes.map(async node => await node.stop()))
  await Promise.all([host?.kill(), strangers?.kill()])
})

async function startHost (options: DistributedModuleOptions = {}): Promise<void> {
  const given = { ...security, ...options, cote: { ...cote, ...options.cote, basePort: port } }
  host = await processes.run('bounded-host', { HOST_OPTIONS: JSON.stringify(given) })
  await host.ask('start')
}

/** Opens connections until the node has as many of them as it takes. */
async function openStrangers (says: Buffer = Buffer.alloc(0), count = STRANGERS, reopens = true): Promise<void> {
  strangers = await processes.run('strangers')
  await strangers.ask('open', { port, count, says: says.toString('base64'), reopens })
  await until('all of them', async () => await strangers.ask<number>('opened') >= count)
  await until('the bound, or as many refusals', async () => {
    const { tooManyConnections, noTls } = await host.ask<Counters>('counters')
    return tooManyConnections > 0 || noTls >= count
  })
}

/** Milliseconds for a call: strangers, host and callers may share one core with other tests. */
const PATIENCE = 20_000

/** A node that is new on the mesh, and what a call of it brings. */
async function newcomer (): Promise<DistributedModule> {
  const node = DistributedModule.forRoot({
    ...security, cote, remotes: ['jobs'], timeout: PATIENCE, drainTimeout: 1_000
  })
  nodes.push(node)
  await node.start()
  return node
}

const find = async (node: DistributedModule): Promise<unknown> => await node.app.service('jobs').find()

describe.each([
  ['a secret', { secret: SECRET }, Buffer.alloc(0)],
  ['a secret, where strangers speak plain text', { secret: SECRET }, ask('find')],
  ['certificates', { tls: authority.node('default') }, Buffer.alloc(0)],
  ['no security, where strangers say nothing', {}, Buffer.alloc(0)],
  ['no security, where strangers call once', {}, ask('find')],
  ['no security, where strangers ask for contracts', {}, ask('mesh:contracts')],
  ['no security, where strangers introduce themselves', {}, introduce]
] as const)('a mesh with %s', (_name, given, says) => {
  beforeEach(() => { security = given })

  it('takes a new member while strangers reopen 250 connections from its address, and keeps the others', async () => {
    await startHost({ cote: { handshakeTimeout: 1_000, maxConnections: FEW.bound } })
    const member = await newcomer()
    expect(await find(member)).toBe('found')
    await openStrangers(says, FEW.strangers)
    for (let n = 0; n < 2; n++) expect(await find(await newcomer())).toBe('found')
    expect(await find(member)).toBe('found')
  }, 6 * PATIENCE)
})

describe('a mesh without security', () => {
  beforeEach(() => { security = {} })

  it.each([
    ['say nothing', Buffer.alloc(0)], ['call once', ask('find')]
  ])('takes a new member when strangers keep 1100 connections open that %s', async (_what, says) => {
    await startHost()
    await openStrangers(says, STRANGERS, false)
    expect(await find(await newcomer())).toBe('found')
  }, 60_000)

  it('closes connections that say nothing, and keeps those that have said something', async () => {
    await startHost({ cote: { silentConnectionTimeout: 500 } })
    strangers = await processes.run('strangers')
    await strangers.ask('open', { port, count: 5, reopens: false })
    await strangers.ask('open', { port, count: 3, reopens: false, says: ask('find').toString('base64') })
    await until('the silent ones', async () => (await host.ask<Counters>('counters')).silentConnection === 5)
    await until('the others', async () => await strangers.ask<number>('openNow') === 3)
  })

  it('leaves without waiting for strangers who asked for its contracts and stay', async () => {
    // It would be longer than this test may take.
    await startHost({ drainTimeout: 60_000 })
    strangers = await processes.run('strangers')
    const introduced = Buffer.concat([introduce, ask('mesh:contracts')])
    const listening = [listen, Buffer.concat([introduced, listen])]
    for (const says of [Buffer.alloc(0), ask('mesh:contracts'), introduced, ...listening]) {
      await strangers.ask('open', { port, count: 3, reopens: false, says: says.toString('base64') })
    }
    await until('all of them', async () => await strangers.ask<number>('opened') === 15)
    await host.ask('leave')
  })

  it('leaves soon although one who asked for its events is frozen', async () => {
    await startHost({ drainTimeout: 120_000 })
    strangers = await processes.run('strangers')
    const says = Buffer.concat([introduce, ask('mesh:contracts'), listen]).toString('base64')
    await strangers.ask('open', { port, count: 3, reopens: false, says })
    await until('all of them', async () => await strangers.ask<number>('opened') === 3)
    // By then the host has read what they said.
    expect(await find(await newcomer())).toBe('found')
    strangers.signal('SIGSTOP')
    await host.ask('leave')
  }, 60_000)

  it('leaves soon although one who asked for its events reads none of many', async () => {
    await startHost({ drainTimeout: 120_000 })
    const reader = await RawConnection.to(port)
    reader.socket.write(Buffer.concat([introduce, ask('mesh:contracts'), listen]))
    await until('the subscription', () => reader.answer('2'))
    reader.socket.pause()
    for (let n = 0; n < 30; n++) await host.ask('emit', MB)
    await host.ask('leave')
    reader.socket.destroy()
  }, 60_000)

  it.each(['mesh:ping', 'mesh:contracts', 'find'])('leaves soon although a stranger goes on with %s', async what => {
    await startHost({ drainTimeout: 120_000 })
    const asking = await RawConnection.to(port)
    asking.socket.on('error', () => {}).write(Buffer.concat([introduce, ask('mesh:contracts'), listen]))
    const timer = setInterval(() => asking.socket.write(Buffer.concat(Array<Buffer>(500).fill(ask(what)))), 1)
    await until('the subscription', () => asking.answer('2'))
    await host.ask('leave').finally(() => clearInterval(timer))
    asking.socket.destroy()
  }, 60_000)

  it('leaves when one that it does not know, and that reads slowly, has all its events and their number', async () => {
    await startHost({ drainTimeout: 120_000 })
    const reader = await RawConnection.to(port)
    const { socket, frames } = reader
    socket.write(Buffer.concat([introduce, ask('mesh:contracts'), listen]))
    await until('the subscription', () => reader.answer('2'))
    let read = 0
    let resuming: NodeJS.Timeout | undefined
    socket.on('data', (chunk: Buffer) => {
      read += chunk.length
      if (read < MB) return
      read = 0
      socket.pause()
      resuming = setTimeout(() => socket.resume(), 200)
    })
    for (let n = 0; n < 28; n++) await host.ask('emit', MB)
    const left = host.ask('leave')
    await until('the end', () => reader.closed, 50_000)
    clearTimeout(resuming)
    await left
    expect(frames.filter(args => args.at(-1) === '!event')).toHaveLength(28)
    expect(frames.at(-1)).toEqual([{ counts: [['jobs', 28]] }, '!goodbye'])
  }, 60_000)

  it('survives the lack of file descriptors, and its app goes on reading files', async () => {
    const given = { cote: { ...cote, basePort: port } }
    // The shell becomes the program, with so many descriptors.
    const through = ['sh', '-c', 'ulimit -n 512; exec "$0" "$@"']
    host = await processes.run('bounded-host', { HOST_OPTIONS: JSON.stringify(given) }, through)
    await host.ask('start')
    await openStrangers()
    expect(await host.ask('readFile')).toBe(true)
    expect(await find(await newcomer())).toBe('found')
  }, 60_000)
})
