import { DistributedModule } from 'feathers-mesh'
import { until } from '../../until'
import type { JobService } from './nats-host'
import { Load, NatsMesh } from './nats-load'
import { hasNats, NatsServer } from './nats-server'

/** Processes load the whole package on a busy machine. */
const LIMIT_MS = 60_000

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a mesh on NATS whose parts die', () => {
  let mesh: NatsMesh
  let server: NatsServer

  beforeAll(() => { mesh = new NatsMesh() })
  afterAll(() => mesh.remove())
  beforeEach(async () => { server = await NatsServer.start() })
  afterEach(async () => {
    await mesh.end()
    await server.stop()
  })

  it('fails no idempotent call when a replica is killed, and runs nothing twice', async () => {
    const [killed] = await Promise.all([mesh.host(server.url), mesh.host(server.url)])
    const node = await mesh.consumer(server.url)
    const jobs = node.remote<JobService>('jobs')
    await until('both replicas', () => node.nodes().length === 3)
    const load = new Load(jobs)
    await until('some calls', () => load.calls > 500)
    killed.kill('SIGKILL')
    await until('the dead one to be gone', () => node.nodes().length === 2)
    const { calls } = load
    await until('calls to go on', () => load.calls > calls + 500)
    await load.end()
    mesh.expectPromises(load)
  }, LIMIT_MS)

  it('fails no idempotent call when its server is killed and started again', async () => {
    await Promise.all([mesh.host(server.url), mesh.host(server.url)])
    const node = await mesh.consumer(server.url)
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
    await mesh.settle()
    mesh.expectPromises(load)
    // The count may be a little too high, and never too low.
    await until('each event to be heard or counted', () => heard.length + missed >= mesh.ran.length)
    expect(heard.length).toBe(new Set(heard).size)
  }, LIMIT_MS)

  it('fails no idempotent call when a replica hangs, which is gone until it goes on', async () => {
    const [hanging] = await Promise.all([mesh.host(server.url), mesh.host(server.url)])
    const node = await mesh.consumer(server.url)
    await until('both replicas', () => node.nodes().length === 3)
    const load = new Load(node.remote<JobService>('jobs'))
    await until('some calls', () => load.calls > 500)
    hanging.kill('SIGSTOP')
    await until('it to be gone', () => node.nodes().length === 2)
    await load.end()
    mesh.expectPromises(load)
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
    mesh.add(node)
    // It waits for its remotes.
    const started = node.start()
    await until('a warning', () => warnings.length > 0)
    expect(warnings).toEqual([expect.stringMatching(/^NATS at 127\.0\.0\.1:\d+ can't be reached/)])
    await server.start()
    await mesh.host(server.url)
    await started
    expect(await node.remote<JobService>('jobs').get(1)).toMatchObject({ n: 1 })
  }, LIMIT_MS)
})
