import type { DistributedModuleOptions } from 'feathers-mesh'
import type { TestProcess } from '../process'
import { SECRET } from '../security/mesh-of'
import { DnsServer, hasDns } from '../transport/cote/discovery/dns-server'
import { answers, MeshProcesses, nodesToBe, twice, type LoadReport } from './mesh-processes'
import { whyNoNamespaces } from './namespaces'
import { Pods } from './pods'

jest.setTimeout(60_000)

const impossible = process.env.CI === undefined ? whyNoNamespaces() : undefined
if (impossible !== undefined) console.warn(`Pods can't be imitated here, so nothing is said of them: ${impossible}`)
const describeWithPods = impossible === undefined && hasDns ? describe : describe.skip

const SERVICE = 'jobs.team.mesh.test'
/** As in a Pod: the domain of its namespace comes first. */
const SEARCH = ['team.mesh.test', 'mesh.test']

/** The Pods of two replicas and a consumer, by their numbers, and the programs in them. */
interface Begun {
  readonly replicas: readonly number[]
  readonly caller: number
  readonly hosts: readonly TestProcess[]
  readonly consumer: TestProcess
}

describeWithPods('Pods that find each other by a headless service', () => {
  const mesh = new MeshProcesses()
  const pods = new Pods()
  let server: DnsServer

  beforeEach(async () => {
    pods.remove()
    pods.create()
    server = await DnsServer.in(Pods.DNS, pods.amid, { [SERVICE]: [] })
  })
  afterEach(async () => {
    await server.end()
    pods.remove()
  })

  const cote = { helloInterval: 500, checkInterval: 1_000, nodeTimeout: 4_000 }
  const options: DistributedModuleOptions = { discovery: 'dns://jobs:4100', secret: SECRET, cote }
  const host = async (pod: number, name: string, given = options): Promise<TestProcess> =>
    await mesh.startHost(name, given, pods.in(pod))
  const list = async (...listed: readonly number[]): Promise<void> =>
    await server.change({ [SERVICE]: listed.map(pod => pods.addressOf(pod)) })
  const add = (): number => pods.add(SEARCH)

  /** Two replicas and a consumer, each in a Pod, and all of them listed. */
  async function begin (given = options): Promise<Begun> {
    const [first, second, caller] = [add(), add(), add()]
    await list(first, second, caller)
    const hosts = await Promise.all([host(first, 'A', given), host(second, 'B', given)])
    const consumer = await mesh.startConsumer(given, pods.in(caller))
    await nodesToBe(consumer, hosts)
    return { replicas: [first, second], caller, hosts, consumer }
  }

  it('answer callers that look for them by the short name of the service, and by the full one', async () => {
    const [first, short, full] = [add(), add(), add()]
    await list(first)
    await host(first, 'A')
    for (const [pod, discovery] of [[short, 'dns://jobs:4100'], [full, `dns://${SERVICE}.:4100`]] as const) {
      const consumer = await mesh.startConsumer({ ...options, discovery }, pods.in(pod))
      expect(await consumer.ask('call', { id: `by ${discovery}`, options: {} })).toBe('A')
    }
  })

  it('find those whose records come later, and those that replace a killed one at another address', async () => {
    const [first, second, caller] = [add(), add(), add()]
    await list(first)
    const a = await host(first, 'A')
    const consumer = await mesh.startConsumer(options, pods.in(caller))
    await nodesToBe(consumer, [a])
    await consumer.ask('startLoad', { methods: ['find', 'get', 'read'], callers: 8 })
    const b = await host(second, 'B')
    await list(first, second, caller)
    await answers(consumer, ['A', 'B'], { more: 20 })
    await a.kill()
    const third = add()
    await list(second, third, caller)
    const c = await host(third, 'C')
    await answers(consumer, ['B', 'C'], { more: 20 })
    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    await nodesToBe(consumer, [b, c])
  })

  it('answer every call and run none twice while a rolling update gives each another address', async () => {
    const { replicas, caller, hosts: old, consumer } = await begin()
    await consumer.ask('startLoad', { methods: ['find', 'create', 'read', 'write'], callers: 8 })
    const after: number[] = []
    const hosts: TestProcess[] = []
    for (const [n, name] of ['C', 'D'].entries()) {
      const pod = add()
      after.push(pod)
      // The new one is ready before the old one ends, whose record goes first.
      hosts.push(await host(pod, name))
      await list(...replicas.slice(n), ...after, caller)
      await answers(consumer, [name], { more: 20 })
      await list(...replicas.slice(n + 1), ...after, caller)
      expect(await old[n].stop()).toBe(0)
    }
    await answers(consumer, ['C', 'D'], { more: 20 })
    const { answered, failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
    expect(twice(mesh.runs)).toEqual([])
    expect(mesh.runs).toHaveLength(Object.keys(answered).length)
    await nodesToBe(consumer, hosts)
  })

  it('lose one whose machine is gone without a word, and fail no call that may be repeated', async () => {
    // It is given up after twice this time: once without a hello, and once without an answer.
    const { replicas, hosts, consumer } = await begin({ ...options, cote: { ...cote, nodeTimeout: 2_000 } })
    await consumer.ask('startLoad', { methods: ['find', 'get', 'read'], callers: 8 })
    await answers(consumer, ['A', 'B'], { more: 20 })
    pods.cut(replicas[0])
    await answers(consumer, ['B'], { more: 200 })
    await nodesToBe(consumer, [hosts[1]])
    const { failures } = await consumer.ask<LoadReport>('stopLoad')
    expect(failures).toEqual([])
  })
})
