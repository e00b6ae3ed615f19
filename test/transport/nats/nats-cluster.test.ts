import { until } from '../../until'
import { NatsCluster } from './nats-cluster'
import type { JobService } from './nats-host'
import { Load, NatsMesh } from './nats-load'
import { hasNats, type NatsServer } from './nats-server'

/** Servers look for each other once a second. */
const LIMIT_MS = 90_000

const describeWithNats = hasNats ? describe : describe.skip

describeWithNats('a mesh on a cluster of three NATS servers', () => {
  let mesh: NatsMesh
  let cluster: NatsCluster

  beforeAll(async () => {
    mesh = new NatsMesh()
    cluster = await NatsCluster.start()
  }, LIMIT_MS)
  afterAll(async () => {
    await cluster.stop()
    mesh.remove()
  })
  afterEach(async () => await mesh.end())

  it.each<readonly [string, (server: NatsServer) => Promise<void>]>([
    ['is killed', async server => await server.kill()],
    ['ends in lame duck mode', async server => await server.lameDuck()]
  ])('fails no idempotent call, and runs nothing twice, while each server in turn %s', async (_how, end) => {
    await Promise.all([mesh.host(cluster.url), mesh.host(cluster.url)])
    const node = await mesh.consumer(cluster.url)
    const jobs = node.remote<JobService>('jobs')
    await until('both replicas', () => node.nodes().length === 3)
    const heard: number[] = []
    let missed = 0
    jobs.on('done', ({ n }) => heard.push(n))
    jobs.on('gap', gap => { missed += gap.missed ?? 0 })
    const load = new Load(jobs)
    for (const server of cluster.servers) {
      const { calls } = load
      await until('some calls', () => load.calls > calls + 200)
      await end(server)
      await server.start()
      await cluster.joined()
      await until('both replicas to be back', () => node.nodes().length === 3)
    }
    await load.end()
    await mesh.settle()
    mesh.expectPromises(load)
    await until('each event to be heard or counted', () => heard.length + missed >= mesh.ran.length)
    expect(heard.length).toBe(new Set(heard).size)
  }, LIMIT_MS)
})
