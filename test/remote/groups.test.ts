import { DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'
import { idOf } from '../memory-mesh'
import { until } from '../until'
import { warnings } from '../warnings'

@Distributed('jobs')
class JobService {
  @DistributedEvent() readonly done!: ServiceEvent<number>
  @DistributedEvent({ allow: ['office'] }) readonly counted!: ServiceEvent<number>
  @DistributedMethod() async find (): Promise<number[]> { return [] }
}

let network = new MemoryNetwork()
let nodes: DistributedModule[] = []

afterEach(async () => {
  await Promise.all(nodes.map(async node => await node.stop()))
  nodes = []
  network = new MemoryNetwork()
})

async function start (options: Parameters<typeof DistributedModule.forRoot>[0] = {}): Promise<DistributedModule> {
  const node = DistributedModule.forRoot({ transport: network.transport(), drainTimeout: 5_000, ...options })
  nodes.push(node)
  await node.start()
  return node
}

const host = async (): Promise<DistributedModule> => await start({ services: [JobService] })

/** The numbers that a listener on a node hears, and the gaps that it is told. */
function listen (node: DistributedModule, group?: string): { numbers: number[], gaps: unknown[], stop: () => void } {
  const [numbers, gaps]: [number[], unknown[]] = [[], []]
  const jobs = node.remote(JobService)
  const listener = (n: number): void => { numbers.push(n) }
  jobs.on('done', listener, group === undefined ? undefined : { group }).on('gap', gap => { gaps.push(gap) })
  return { numbers, gaps, stop: () => { jobs.off('done', listener) } }
}

function emit (node: DistributedModule, from: number, to: number): void {
  const { done } = node.resolve(JobService)
  for (let n = from; n < to; n++) done.emit(n)
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const sorted = (...lists: readonly number[][]): number[] => lists.flat().sort((one, other) => one - other)

describe('the listeners of a group', () => {
  it('hear each event once, on the publishing node, on others, and where one node has several', async () => {
    const [publisher, node] = [await host(), await start()]
    const [own, here, there] = [listen(publisher, 'work'), listen(node, 'work'), listen(node, 'work')]
    const [plain, other] = [listen(node), listen(publisher, 'mail')]
    emit(publisher, 0, 100)
    await until(() => sorted(own.numbers, here.numbers, there.numbers).length === 100 && plain.numbers.length === 100)
    expect(sorted(own.numbers, here.numbers, there.numbers)).toEqual(upTo(100))
    expect([own, here, there].map(({ numbers }) => numbers.length)).toEqual([50, 25, 25])
    expect([plain.numbers, other.numbers]).toEqual([upTo(100), upTo(100)])
  })

  it('hear the events of all replicas, each once', async () => {
    const [a, b, ...others] = [await host(), await host(), await start(), await start()]
    const members = [listen(a, 'work'), ...others.map(node => listen(node, 'work'))]
    emit(a, 0, 60)
    emit(b, 60, 120)
    await until(() => sorted(...members.map(({ numbers }) => numbers)).length >= 120)
    expect(sorted(...members.map(({ numbers }) => numbers))).toEqual(upTo(120))
    expect(members.map(({ numbers }) => numbers.length)).toEqual([40, 40, 40])
  })

  it('hear events while their node is not on the mesh', async () => {
    const alone = DistributedModule.forRoot({ transport: network.transport(), services: [JobService] })
    const { numbers } = listen(alone, 'work')
    emit(alone, 0, 3)
    expect(numbers).toEqual(upTo(3))
  })

  it('hear what publishers chose them for before they knew that the listener was removed', async () => {
    const [publisher, node, other] = [await host(), await start(), await start()]
    const [leaving, staying] = [listen(node, 'work'), listen(other, 'work')]
    emit(publisher, 0, 10)
    leaving.stop()
    emit(publisher, 10, 20)
    await until(() => sorted(leaving.numbers, staying.numbers).length === 20)
    expect(sorted(leaving.numbers, staying.numbers)).toEqual(upTo(20))
    const before = leaving.numbers.length
    emit(publisher, 20, 30)
    await until(() => staying.numbers.includes(29))
    expect(leaving.numbers).toHaveLength(before)
  })

  it('hear what a publisher sends that said goodbye, also when they are removed after that', async () => {
    const transport = network.transport()
    const [publisher, node] = [await start({ services: [JobService], transport }), await start()]
    const { numbers, stop } = listen(node, 'work')
    emit(publisher, 0, 1)
    await until(() => numbers.length === 1)
    await transport.goodbye?.()
    stop()
    await transport.groups?.settled()
    await new Promise(setImmediate)
    emit(publisher, 1, 3)
    await until(() => numbers.length === 3)
    expect(numbers).toEqual(upTo(3))
  })

  it('keep the node from new calls while they finish, when it stops', async () => {
    const [publisher, node, other] = [await host(), await start({ services: [JobService] }), await start()]
    let finish = (): void => {}
    const finished = new Promise<void>(resolve => { finish = resolve })
    let isBusy = false
    node.remote(JobService).on('done', () => {
      isBusy = true
      return finished as unknown as undefined
    }, { group: 'work' })
    emit(publisher, 0, 1)
    const knows = (): boolean => other.nodes().some(({ id }) => id === idOf(node))
    await until(() => isBusy && knows())
    const stopped = node.stop()
    await until(() => !knows())
    finish()
    await stopped
  })

  it('cause no warning when their node stops, although its transport knows no groups any more', async () => {
    const told = warnings()
    const transport = network.transport()
    const [, node] = [await host(), await start({ transport })]
    listen(node, 'work')
    await until(() => node.services().length > 0)
    const { groups } = transport
    let isStopped = false
    Object.defineProperty(transport, 'groups', { get: () => isStopped ? undefined : groups })
    const stop = transport.stop.bind(transport)
    transport.stop = async limit => {
      await stop(limit)
      isStopped = true
    }
    await node.stop()
    expect(told).toEqual([])
  })

  it('are in at most a hundred groups of one event, and a thousand in all', async () => {
    const jobs = (await host()).remote<JobService>('jobs')
    for (let n = 0; n < 100; n++) jobs.on('done', () => {}, { group: `g${n}` })
    expect(() => jobs.on('done', () => {}, { group: 'more' })).toThrow('at most 100 groups of one event')
    jobs.on('done', () => {}, { group: 'g7' })
  })

  it('hear of a gap when another node of the group dies, the publishing node included', async () => {
    const [publisher, dying, living, bystander] = [await host(), await start(), await start(), await start()]
    const [own, , there] = [listen(publisher, 'work'), listen(dying, 'work'), listen(living, 'work')]
    const plain = listen(bystander)
    emit(publisher, 0, 9)
    await until(() => plain.numbers.length === 9)
    network.kill(idOf(dying))
    emit(publisher, 9, 20)
    const later = (): number[] => sorted(own.numbers, there.numbers).filter(n => n >= 9)
    await until(() => plain.numbers.length === 20 && later().length === 11)
    await until(() => own.gaps.length > 0 && there.gaps.length > 0)
    expect([own.gaps, there.gaps, plain.gaps]).toEqual([[{ reason: 'disconnected' }], [{ reason: 'disconnected' }], []])
  })

  it('are on nodes that may hear the event', async () => {
    const publisher = await host()
    const heard: string[] = []
    for (const key of ['office', 'street', 'office']) {
      const node = await start({ key })
      node.remote(JobService).on('counted', n => { heard.push(`${key} ${n}`) }, { group: 'work' })
    }
    const { counted } = publisher.resolve(JobService)
    for (let n = 0; n < 10; n++) counted.emit(n)
    await until(() => heard.length === 10)
    expect(heard.every(line => line.startsWith('office'))).toBe(true)
  })

  it('get no other events of the service over the mesh', async () => {
    const transport = network.transport()
    const [publisher, node] = [await host(), await start({ transport })]
    const { numbers, gaps } = listen(node, 'work')
    const subscribe = jest.spyOn(transport, 'subscribe')
    node.remote(JobService).on('gap', () => {})
    emit(publisher, 0, 3)
    await until(() => numbers.length === 3)
    expect([subscribe.mock.calls, gaps]).toEqual([[], []])
  })

  it('cause a warning when they throw, and never the end of the process', async () => {
    const told = warnings()
    const [publisher, node] = [await host(), await start()]
    for (const each of [publisher, node]) {
      each.remote(JobService).on('done', () => { throw new Error('no room') }, { group: idOf(each) })
      const rejects = (): void => Promise.reject(new Error('no time')) as unknown as void
      each.remote<JobService>('jobs').on('done', rejects, { group: `${idOf(each)}-2` })
    }
    emit(publisher, 0, 1)
    await until(() => told.length >= 4)
    expect(told.filter(text => text.includes('threw no room'))).toHaveLength(2)
    expect(told.filter(text => text.includes('threw no time'))).toHaveLength(2)
  })

  it('can not listen once, and their groups have names', async () => {
    const jobs = (await host()).remote(JobService)
    const once = jobs.once as (event: string, listener: () => void, options: object) => void
    expect(() => once('done', () => {}, { group: 'work' })).toThrow('takes no options: listen by on()')
    for (const group of ['', 'ü'.repeat(129), 7 as unknown as string]) {
      expect(() => jobs.on('done', () => {}, { group })).toThrow('group must be a text of 1 to 256 bytes')
    }
    // @ts-expect-error -- gaps have no groups
    expect(() => jobs.on('gap', () => {}, { group: 'work' })).toThrow("'gap' has no group")
  })
})
