import type { ChildProcess } from 'node:child_process'
import { DistributedModule } from 'feathers-mesh'
import { until } from '../../until'
import type { JobService } from './nats-host'
import { Load, meshOnServers, type NatsMesh } from './nats-load'
import { hasNats, type NatsServer } from './nats-server'

/** Processes load the whole package on a busy machine. */
const LIMIT_MS = 60_000

/** The calls that a replica holds, as they come to it. */
function heldBy (replica: ChildProcess): number[] {
  const held: number[] = []
  replica.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'held' in message) held.push(Number(message.held))
  })
  return held
}

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a mesh on NATS whose parts die', () => {
  let mesh: NatsMesh
  let server: NatsServer

  meshOnServers((...made) => { [mesh, server] = made })

  it('fails no call to repeat when a replica is killed, only others that it had, and runs nothing twice', async () => {
    const [killed] = await Promise.all([mesh.host(server.url), mesh.host(server.url)])
    const node = await mesh.consumer(server.url)
    const jobs = node.remote<JobService>('jobs')
    await until('both replicas', () => node.nodes().length === 3)
    const known = node.nodes().map(({ id }) => id)
    const load = new Load(jobs)
    await until('some calls', () => load.calls > 500)
    killed.kill('SIGKILL')
    await until('the dead one to be gone', () => node.nodes().length === 2)
    const { calls } = load
    await until('calls to go on', () => load.calls > calls + 500)
    await load.end()
    mesh.expectPromises(load)
    const dead = known.filter(id => !node.nodes().some(living => living.id === id))
    expect(load.failures.filter(failure => failure.node !== dead[0] || !load.atFirstFailure.has(failure.n))).toEqual([])
  }, LIMIT_MS)

  it('fails of the calls that replicas hold those alone that the killed one had and that must not repeat', async () => {
    const [killed, other] = await Promise.all([mesh.host(server.url), mesh.host(server.url)])
    const node = await mesh.consumer(server.url)
    await until('both replicas', () => node.nodes().length === 3)
    const held = [killed, other].map(heldBy)
    const jobs = node.remote<JobService>('jobs')
    const numbers = Array.from({ length: 32 }, (_, n) => n)
    const calls = Promise.allSettled(numbers.map(async n => await (n % 4 < 2 ? jobs.hold(n) : jobs.wait(n))))
    await until('all calls to be held', () => held[0].length + held[1].length === numbers.length)
    const lost = [...held[0]].sort((a, b) => a - b)
    killed.kill('SIGKILL')
    const repeated = lost.filter(n => n % 4 >= 2)
    await until('the other one to have those to repeat', () => repeated.every(n => held[1].includes(n)))
    other.send('let go')
    const outcomes = await calls
    const unanswered = numbers.filter(n => outcomes[n].status === 'rejected')
    expect(unanswered).toEqual(lost.filter(n => n % 4 < 2))
    for (const n of unanswered) expect(outcomes[n]).toMatchObject({ reason: { data: { outcome: 'unknown' } } })
    expect(held[1].length).toBe(new Set(held[1]).size)
    expect(held[1].filter(n => unanswered.includes(n))).toEqual([])
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
