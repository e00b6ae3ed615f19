import type { CallOptions, DistributedModuleOptions, NodeInfo } from 'feathers-mesh'
import type { Outcome } from '../processes/messages'
import type { TestProcess } from '../process'
import { answers, MeshProcesses, nodesToBe } from './mesh-processes'
import { TwoHosts, whyNoNamespaces } from './namespaces'

jest.setTimeout(90_000)

/** Less than the time after which a call would end by itself: one that succeeds in it has left its replica. */
const TIMEOUT = 8_000

let lastId = 0
const nextId = (): string => `job-${++lastId}`

const call = async (consumer: TestProcess, options: CallOptions = {}): Promise<unknown> =>
  await consumer.ask('call', { id: nextId(), options: { timeout: TIMEOUT, ...options } })

/** A call that must not run twice. */
const write = async (consumer: TestProcess, id: string, options: CallOptions = {}): Promise<Outcome> =>
  await consumer.try('write', { id, options: { timeout: TIMEOUT, ...options } })

async function many<T> (times: number, make: () => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: times }, async () => await make()))
}

describe('a replica whose process is frozen', () => {
  const mesh = new MeshProcesses()

  it('is left by idempotent calls, kept by others until their time is over, and comes back', async () => {
    const [frozen, well, consumer] = await Promise.all([
      mesh.startHost('frozen', { work: 20 }), mesh.startHost('well', { work: 20 }),
      mesh.startConsumer({ timeout: 20_000, silenceTimeout: 1_000 })
    ])
    await nodesToBe(consumer, [frozen, well])
    const id = await frozen.ask<string>('id')
    await frozen.ask('suspend')
    try {
      const written = nextId()
      // More than once the time after which the others leave.
      const pending = write(consumer, written, { node: id, timeout: 4_000 })
      // Half of them go to the frozen one first.
      expect(new Set(await many(20, async () => await call(consumer)))).toEqual(new Set(['well']))
      // It is set aside: also calls that can't be repeated go to the other one only.
      const later = await many(10, async () => await write(consumer, nextId()))
      expect(later).toEqual(Array(10).fill({ value: 'well' }))
      expect(await pending).toMatchObject({ error: { name: 'Timeout', data: { node: id, outcome: 'unknown' } } })
      expect(mesh.runs.map(run => run.id)).not.toContain(written)
    } finally {
      frozen.signal('SIGCONT')
    }
    await consumer.ask('startLoad', { methods: ['read'], callers: 4 })
    await answers(consumer, ['frozen', 'well'], { more: 20 })
    await consumer.ask('stopLoad')
  })

  it('keeps its idempotent calls where no other replica is there', async () => {
    const [only, consumer] = await Promise.all([
      mesh.startHost('only'), mesh.startConsumer({ timeout: 20_000, silenceTimeout: 400 })
    ])
    await nodesToBe(consumer, [only])
    await only.ask('suspend')
    const pending = call(consumer, { timeout: 20_000 })
    // More than once the time after which it would leave.
    await expect(call(consumer, { timeout: 1_500 })).rejects.toMatchObject({ data: { outcome: 'unknown' } })
    only.signal('SIGCONT')
    expect(await pending).toBe('only')
  })
})

const impossible = process.env.CI === undefined ? whyNoNamespaces() : undefined
if (impossible !== undefined) console.warn(`two hosts can't be made here, so nothing is said of them: ${impossible}`)
const describeWhere = impossible === undefined ? describe : describe.skip

describeWhere('two machines', () => {
  const mesh = new MeshProcesses()
  const machines = new TwoHosts()

  beforeEach(() => {
    machines.remove()
    machines.create()
  })
  afterEach(() => machines.remove())

  const optionsOf = (side: 0 | 1, cote: DistributedModuleOptions['cote'] = {}): DistributedModuleOptions => ({
    insecure: true,
    timeout: 20_000,
    cote: { broadcast: TwoHosts.BROADCAST, address: machines.addresses[side], ...cote }
  })

  /** Hellos that are frequent, so that a node soon counts as silent. */
  const FAST = { helloInterval: 300, checkInterval: 100, nodeTimeout: 1_000 }

  /** A replica on one machine, and the consumer on the other one. */
  async function hostAndConsumer (cote: DistributedModuleOptions['cote'] = {}, work?: number): Promise<TestProcess[]> {
    return await Promise.all([
      mesh.startHost('A', { work, ...optionsOf(0, cote) }, machines.on(0)),
      mesh.startConsumer(optionsOf(1, cote), machines.on(1))
    ])
  }

  it.each<[string, () => void]>([
    ['whose cable is pulled', () => machines.cut(0)],
    ['that hears nothing', () => machines.block(0, {})],
    ['that nobody hears', () => machines.block(0, { direction: 'OUTPUT' })]
  ])('lose no idempotent call when they have a replica each, one %s', async (_what, cutOff) => {
    const [far, near, consumer] = await Promise.all([
      mesh.startHost('far', { work: 20, ...optionsOf(0) }, machines.on(0)),
      mesh.startHost('near', { work: 20, ...optionsOf(1) }, machines.on(1)),
      mesh.startConsumer({ ...optionsOf(1), silenceTimeout: 1_000 }, machines.on(1))
    ])
    await nodesToBe(consumer, [far, near])
    await consumer.ask('startLoad', { methods: ['read'], callers: 4 })
    await answers(consumer, ['far', 'near'])
    await consumer.ask('stopLoad')
    cutOff()
    expect(new Set(await many(20, async () => await call(consumer)))).toEqual(new Set(['near']))
  })

  it.each<[string, ReadonlyArray<0 | 1>]>([
    ['one', [0]], ['the other', [1]], ['either', [0, 1]]
  ])('keep their connections and their calls while no hello reaches %s', async (_which, sides) => {
    const [host, consumer] = await hostAndConsumer(FAST, 200)
    await consumer.ask('watch')
    await nodesToBe(consumer, [host])
    await call(consumer)
    for (const side of sides) machines.block(side, { protocol: 'udp' })
    // Longer than the time after which a node counts as silent.
    const end = performance.now() + 2 * FAST.nodeTimeout
    while (performance.now() < end) expect(await write(consumer, nextId())).toEqual({ value: 'A' })
    // And once more while nothing but hellos would be sent.
    await new Promise(resolve => { setTimeout(resolve, 2 * FAST.nodeTimeout) })
    await nodesToBe(consumer, [host])
    expect((await host.ask<NodeInfo[]>('nodes'))).toHaveLength(2)
    expect(await write(consumer, nextId())).toEqual({ value: 'A' })
    await host.ask('note', 'one')
    await consumer.until('the event', () => consumer.told('noted').includes('one'))
    expect(consumer.told('gap')).toEqual([])
  })

  it('learn of services that are added while no hello arrives', async () => {
    const [host, consumer] = await hostAndConsumer(FAST)
    await nodesToBe(consumer, [host])
    machines.block(1, { protocol: 'udp' })
    await host.ask('unuse')
    await consumer.until('the service to be gone', async () => {
      return !(await consumer.ask<Array<{ path: string }>>('services')).some(({ path }) => path === 'plain')
    })
  })

  it('forget each other when the cable is pulled, as connections are silent then, too', async () => {
    const [host, consumer] = await hostAndConsumer(FAST)
    await nodesToBe(consumer, [host])
    await call(consumer)
    machines.cut(0)
    await nodesToBe(consumer, [])
  })

  it.each<[string, readonly string[], RegExp]>([
    ['refused', ['REJECT', '--reject-with', 'tcp-reset'], /ECONNREFUSED/],
    ['dropped', ['DROP'], /no answer within 1000 ms|ETIMEDOUT/]
  ])('say in the error of a call that a node is heard while connections to it are %s', async (_how, target, reason) => {
    machines.block(0, { protocol: 'tcp', target })
    await mesh.startHost('A', { name: 'api', ...optionsOf(0) }, machines.on(0))
    const consumer = await mesh.run('consumer', {
      ...optionsOf(1, { connectTimeout: 1_000, helloInterval: 1_000 }), timeout: 3_000
    }, machines.on(1))
    // It waits for the service.
    const outcome = await consumer.try('start')
    expect(outcome).toMatchObject({ error: { name: 'Unavailable', data: { path: 'jobs', outcome: 'not-sent' } } })
    const { message } = 'error' in outcome ? outcome.error : { message: '' }
    expect(message).toContain("'jobs' has never been seen on the mesh, nor has any other service; node ")
    expect(message).toContain(`with key 'default' was heard, but no connection to ${machines.addresses[0]}:`)
    expect(message).toMatch(reason)
    machines.heal()
    expect(await call(consumer, { timeout: 15_000 })).toBe('A')
  })

  it('find each other again after connections were refused for a while, though no hello arrives', async () => {
    const [host, consumer] = await hostAndConsumer()
    await nodesToBe(consumer, [host])
    await call(consumer)
    const noHellos = (): void => { for (const side of [0, 1] as const) machines.block(side, { protocol: 'udp' }) }
    noHellos()
    machines.block(0, { protocol: 'tcp', target: ['REJECT', '--reject-with', 'tcp-reset'] })
    await expect(call(consumer, { timeout: 3_000 })).rejects.toMatchObject({ data: { path: 'jobs' } })
    await nodesToBe(consumer, [])
    machines.heal()
    noHellos()
    expect(await call(consumer, { timeout: 10_000 })).toBe('A')
  })
})
