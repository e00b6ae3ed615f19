import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import ts from 'typescript'
import { DistributedModule, type RemoteService } from 'feathers-mesh'
import { until } from '../../until'
import type { JobService } from './nats-host'
import { hasNats, NatsServer } from './nats-server'

const BUILD = join(__dirname, '../../../.build')
const CALLERS = 16
/** Processes load the whole package on a busy machine. */
const LIMIT_MS = 60_000

interface Failure {
  readonly method: 'get' | 'create'
  readonly message: string
  readonly outcome: unknown
}

/** Calls that go on until they are ended, and what became of them. */
class Load {
  readonly failures: Failure[] = []
  calls = 0
  private isEnding = false
  private readonly running: ReadonlyArray<Promise<void>>

  constructor (private readonly jobs: RemoteService<JobService>) {
    this.running = Array.from({ length: CALLERS }, async () => await this.run())
  }

  async end (): Promise<void> {
    this.isEnding = true
    await Promise.all(this.running)
  }

  private async run (): Promise<void> {
    while (!this.isEnding) {
      const n = ++this.calls
      const method = n % 4 === 0 ? 'create' : 'get'
      try {
        await (method === 'get' ? this.jobs.get(n) : this.jobs.create({ n }))
      } catch (error) {
        const { message, data } = error as Error & { data?: { outcome?: unknown } }
        this.failures.push({ method, message, outcome: data?.outcome })
      }
      await nextTurn()
    }
  }
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a mesh on NATS whose parts die', () => {
  const hosts: ChildProcess[] = []
  const nodes: DistributedModule[] = []
  /** What the hosts ran, and what they ran twice, by the number of the job. */
  const ran: number[] = []
  let folder: string
  let server: NatsServer

  async function host (): Promise<ChildProcess> {
    const env = { ...process.env, MESH_TRANSPORT: server.url }
    const child = fork(join(folder, 'nats-host.js'), { env, execArgv: [] })
    hosts.push(child)
    const started = new Promise<void>(resolve => {
      child.on('message', (message: unknown) => {
        if (message === 'started') resolve()
        else if (typeof message === 'object' && message !== null && 'ran' in message) ran.push(Number(message.ran))
      })
    })
    await started
    return child
  }

  async function consumer (): Promise<DistributedModule> {
    const node = DistributedModule.forRoot({ transport: server.url, remotes: ['jobs'] })
    nodes.push(node)
    await node.start()
    return node
  }

  beforeAll(() => {
    mkdirSync(BUILD, { recursive: true })
    folder = mkdtempSync(join(BUILD, 'nats-'))
    const compilerOptions = {
      module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, experimentalDecorators: true,
      emitDecoratorMetadata: true
    }
    const source = readFileSync(join(__dirname, 'nats-host.ts'), 'utf8')
    writeFileSync(join(folder, 'nats-host.js'), ts.transpileModule(source, { compilerOptions }).outputText)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  beforeEach(async () => { server = await NatsServer.start() })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => await node.stop()))
    await Promise.all(hosts.splice(0).map(async child => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    }))
    ran.splice(0)
    await server.stop()
  })

  /** What no fault may do: fail what is safe to repeat, or run anything twice. */
  function expectPromises (load: Load): void {
    expect(load.failures.filter(({ method, outcome }) => method === 'get' || outcome !== 'unknown')).toEqual([])
    expect(ran.length).toBe(new Set(ran).size)
  }

  it('fails no idempotent call when a replica is killed, and runs nothing twice', async () => {
    const [killed] = await Promise.all([host(), host()])
    const node = await consumer()
    const jobs = node.remote<JobService>('jobs')
    await until('both replicas', () => node.nodes().length === 3)
    const load = new Load(jobs)
    await until('some calls', () => load.calls > 500)
    killed.kill('SIGKILL')
    await until('the dead one to be gone', () => node.nodes().length === 2)
    const { calls } = load
    await until('calls to go on', () => load.calls > calls + 500)
    await load.end()
    expectPromises(load)
  }, LIMIT_MS)

  it('fails no idempotent call when its server is killed and started again', async () => {
    await Promise.all([host(), host()])
    const node = await consumer()
    const jobs = node.remote<JobService>('jobs')
    await until('both replicas', () => node.nodes().length === 3)
    const heard: number[] = []
    let missed = 0
    jobs.on('done', ({ n }) => heard.push(n))
    jobs.on('gap', gap => { missed += gap.missed ?? 0 })
    const load = new Load(jobs)
    await until('some calls', () => load.calls > 500)
    await server.kill()
    await until('all nodes to be gone', () => node.nodes().length === 1)
    await server.start()
    const { calls } = load
    await until('calls to go on', () => load.calls > calls + 500)
    await load.end()
    expectPromises(load)
    // The count may be a little too high, and never too low.
    await until('each event to be heard or counted', () => heard.length + missed >= ran.length)
    expect(heard.length).toBe(new Set(heard).size)
  }, LIMIT_MS)

  it('fails no idempotent call when a replica hangs, which is gone until it goes on', async () => {
    const [hanging] = await Promise.all([host(), host()])
    const node = await consumer()
    await until('both replicas', () => node.nodes().length === 3)
    const load = new Load(node.remote<JobService>('jobs'))
    await until('some calls', () => load.calls > 500)
    hanging.kill('SIGSTOP')
    await until('it to be gone', () => node.nodes().length === 2)
    await load.end()
    expectPromises(load)
    hanging.kill('SIGCONT')
    await until('it to be back', () => node.nodes().length === 3)
    expect(await node.remote<JobService>('jobs').get(1)).toMatchObject({ n: 1 })
  }, LIMIT_MS)

  it('takes up its work when a server comes that was not there at the start', async () => {
    await server.kill()
    const warnings: string[] = []
    const ignore = (): void => {}
    const warn = (_record: unknown, text: string): void => { warnings.push(text) }
    const logger = { error: ignore, warn, info: ignore, debug: ignore }
    const node = DistributedModule.forRoot({ transport: server.url, remotes: ['jobs'], logger })
    nodes.push(node)
    // It waits for its remotes.
    const started = node.start()
    await until('a warning', () => warnings.length > 0)
    expect(warnings).toEqual([expect.stringMatching(/^NATS at 127\.0\.0\.1:\d+ can't be reached/)])
    await server.start()
    await host()
    await started
    expect(await node.remote<JobService>('jobs').get(1)).toMatchObject({ n: 1 })
  }, LIMIT_MS)
})
