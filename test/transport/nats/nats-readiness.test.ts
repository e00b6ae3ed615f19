import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Distributed, DistributedMethod, DistributedModule, type DistributedModuleOptions } from 'feathers-mesh'
import { freePort } from '../../free-port'
import { until } from '../../until'
import { NatsCluster } from './nats-cluster'
import type { JobService } from './nats-host'
import { Load, meshOnServers, type NatsMesh } from './nats-load'
import { hasNats, NatsServer } from './nats-server'

/** Processes load the whole package on a busy machine, and servers look for each other once a second. */
const LIMIT_MS = 90_000

@Distributed('notes')
class NoteService {
  @DistributedMethod({ idempotent: true })
  async find (): Promise<string[]> {
    return []
  }
}

@Distributed('todos')
class OtherService extends NoteService {}

/** What a node says of its health from now on: at each turn of the event loop, at each change, and over HTTP. */
class Samples {
  static readonly all: Samples[] = []
  readonly seen = new Set<string>()
  private isEnding = false
  private readonly running: Promise<unknown>

  constructor (private readonly node: DistributedModule, private readonly port: number) {
    Samples.all.push(this)
    for (const event of ['service', 'service-removed'] as const) node.app.on(event, () => this.take())
    this.running = Promise.all([this.ask(), this.fetch()])
  }

  /** Ends them. @returns what was seen */
  async end (): Promise<string[]> {
    this.isEnding = true
    await this.running
    return [...this.seen].sort()
  }

  private take (): void {
    if (!this.isEnding) this.seen.add(this.node.health().status)
  }

  private async ask (): Promise<void> {
    for (; !this.isEnding; await nextTurn()) this.take()
  }

  private async fetch (): Promise<void> {
    while (!this.isEnding) {
      const response = await fetch(`http://127.0.0.1:${this.port}/readyz`, { headers: { connection: 'close' } })
      await response.text()
      this.seen.add(`${response.status}`)
    }
  }
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('the readiness of a node on NATS', () => {
  const nodes: DistributedModule[] = []
  let server: NatsServer
  let port: number

  beforeEach(async () => {
    server = await NatsServer.start()
    port = await freePort()
  })
  afterEach(async () => {
    await Promise.all(Samples.all.splice(0).map(async samples => await samples.end()))
    await Promise.all(nodes.splice(0).map(async node => await node.stop()))
    await server.stop()
  })

  async function start (options: DistributedModuleOptions): Promise<DistributedModule> {
    const node = DistributedModule.forRoot(options)
    nodes.push(node)
    await node.start()
    return node
  }

  const gateway = async (options: DistributedModuleOptions): Promise<DistributedModule> =>
    await start({ remotes: ['notes'], health: { port, host: '127.0.0.1' }, ...options })

  it.each([['', undefined], [' that seals', 'what the nodes of these tests share']])(
    'stays as it is while each server of a cluster in turn is killed and started again, on a mesh%s',
    async (_how, secret) => {
      const cluster = await NatsCluster.start()
      try {
        const options = { transport: cluster.url, secret }
        const host = await start({ ...options, services: [NoteService] })
        const node = await gateway(options)
        await until('the host', () => node.nodes().length === 2)
        const samples = new Samples(node, port)
        let hits = 0
        for (const each of [host, node]) each.app.on('service-removed', () => hits++)
        for (const each of cluster.servers) {
          await each.kill()
          await each.start()
          await cluster.joined()
          await until('each other', () => node.nodes().length === 2 && host.nodes().length === 2)
          await until('the service', () => node.app.service('notes').find().then(() => true, () => false))
        }
        expect(await samples.end()).toEqual(['200', 'SERVING'])
        expect(hits).toBeGreaterThan(0)
      } finally {
        await Promise.all(Samples.all.map(async samples => await samples.end()))
        await Promise.all(nodes.splice(0).map(async each => await each.stop()))
        await cluster.stop()
      }
    }, LIMIT_MS)

  it('stays as it is while the only server is killed and started again', async () => {
    await start({ transport: server.url, services: [NoteService] })
    const node = await gateway({ transport: server.url })
    const samples = new Samples(node, port)
    await server.kill()
    await until('all nodes to be gone', () => node.nodes().length === 1)
    expect(node.health().remotes).toEqual({ notes: 'SERVING' })
    await server.start()
    await node.app.service('notes').find()
    expect(await samples.end()).toEqual(['200', 'SERVING'])
  })

  it('stays as it is when the only server hangs, also with a call under way that nobody answers', async () => {
    await start({ transport: server.url, services: [NoteService] })
    const node = await gateway({ transport: server.url })
    const atLoss: string[] = []
    node.app.on('service-removed', () => atLoss.push(node.health().status))
    server.freeze()
    const call = node.app.service('notes').find().then(() => 'answered', String)
    await until('the loss', () => atLoss.length > 0)
    const answers = await Promise.all(['livez', 'readyz'].map(async path => await fetch(`http://127.0.0.1:${port}/${path}`)))
    expect([atLoss, answers.map(({ status }) => status)]).toEqual([['SERVING'], [200, 200]])
    server.freeze(false)
    expect([await call, node.health().status]).toEqual(['answered', 'SERVING'])
  }, LIMIT_MS)

  it('ends at once when the last host says goodbye, also just after the server was back', async () => {
    const host = await start({ transport: server.url, services: [NoteService] })
    const node = await gateway({ transport: server.url })
    await server.kill()
    await until('all nodes to be gone', () => node.nodes().length === 1)
    await server.start()
    await node.app.service('notes').find()
    const atLoss: string[] = []
    node.app.on('service-removed', () => atLoss.push(node.health().status))
    await host.stop()
    await until('the loss', () => atLoss.length > 0)
    expect(atLoss).toEqual(['NOT_SERVING'])
  })

  it('ends when the host does not come back to the server', async () => {
    const host = await start({ transport: server.url, services: [NoteService] })
    const node = await gateway({ transport: server.url })
    await server.kill()
    await until('all nodes to be gone', () => node.nodes().length === 1)
    await host.stop()
    await server.start()
    await start({ transport: server.url })
    await until('another node to be met', () => node.nodes().length === 2)
    await until('no host', () => node.health().status === 'NOT_SERVING')
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503)
  })

  it('follows the other transport of the node while the server is away', async () => {
    const cote = { broadcast: '127.255.255.255', port: 21_000 + process.pid % 1_000, environment: `r-${process.pid}` }
    const common = { environment: cote.environment, cote }
    await start({ ...common, transport: server.url, services: [NoteService] })
    const host = await start({ ...common, transport: 'cote', services: [OtherService] })
    const node = await gateway({ ...common, transport: ['cote', server.url], remotes: ['notes', 'todos'] })
    const samples = new Samples(node, port)
    await server.kill()
    await until('the node on NATS to be gone', () => node.nodes().length === 2)
    expect(await samples.end()).toEqual(['200', 'SERVING'])
    await host.stop()
    await until('the other to be gone', () => node.nodes().length === 1)
    expect(node.health()).toMatchObject({ status: 'NOT_SERVING', remotes: { notes: 'SERVING', todos: 'NOT_SERVING' } })
  })
})

describeWithNats('the readiness of a node whose host is a process on NATS', () => {
  let mesh: NatsMesh
  let server: NatsServer

  meshOnServers((...made) => { [mesh, server] = made })

  it('ends as soon as its killed host is missed, also just after the server was back', async () => {
    const host = await mesh.host(server.url)
    const node = await mesh.consumer(server.url)
    await server.kill()
    await until('all nodes to be gone', () => node.nodes().length === 1)
    await server.start()
    await node.remote<JobService>('jobs').get(1)
    const atLoss: string[] = []
    node.app.on('service-removed', () => atLoss.push(node.health().status))
    const load = new Load(node.remote<JobService>('jobs'))
    await until('some calls', () => load.calls > 100)
    const exited = once(host, 'exit')
    host.kill('SIGKILL')
    await exited
    await until('the loss', () => atLoss.length > 0)
    expect(atLoss).toEqual(['NOT_SERVING'])
    await mesh.host(server.url)
    await load.end()
  }, LIMIT_MS)
})
