import { feathers } from '@feathersjs/feathers'
import {
  ConfigurationError, Distributed, DistributedEvent, DistributedMethod, DistributedModule,
  type Allow, type Caller, type ServiceEvent
} from 'feathers-mesh'
import { memoryMesh } from '../../memory-mesh'
import { until } from '../../until'

const mesh = memoryMesh()

let asked: Array<readonly [caller: Caller, event: string]>

@Distributed({ path: 'bills', allow: ['gateway', 'billing'] })
class BillService {
  @DistributedMethod({ data: Object }) async create (data: object): Promise<object> { return data }

  @DistributedEvent() readonly paid!: ServiceEvent<string>
  @DistributedEvent({ allow: ['billing'] }) readonly disputed!: ServiceEvent<string>
  @DistributedEvent({
    allow: (caller, event) => {
      asked.push([caller, event])
      return caller.key === 'shop'
    }
  })
  readonly shipped!: ServiceEvent<string>
}

const EVENTS = ['created', 'paid', 'disputed', 'shipped'] as const

let warnings: jest.SpyInstance
beforeEach(() => {
  asked = []
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warnings.mockRestore())

/** The events that nodes with these keys receive; an event of another service marks the end for each of them. */
async function heardWith (
  keys: readonly string[]
): Promise<{ host: DistributedModule, heard: Record<string, string[]> }> {
  const app = feathers()
  app.use('open', { async find () { return [] } })
  const host = await mesh.start({ app, services: [BillService, 'open'] })
  const heard: Record<string, string[]> = {}
  const behind: Record<string, number> = {}
  for (const key of keys) {
    const node = await mesh.start({ key, remotes: ['bills', 'open'] })
    const bills = node.remote<BillService>('bills')
    heard[key] = []
    for (const event of EVENTS) bills.on(event, () => heard[key]?.push(event))
    node.app.service('open').on('created', () => { behind[key] = 1 })
  }
  const service = host.resolve(BillService)
  await host.remote<BillService>('bills').create({})
  service.paid.emit('a bill')
  service.disputed.emit('a bill')
  service.shipped.emit('a bill')
  app.service('open').emit('created', {})
  await until('what came behind it', () => Object.keys(behind).length === keys.length)
  return { host, heard }
}

describe('an event of a service with an `allow` list', () => {
  it('is sent only to nodes whose key is on the list', async () => {
    const { heard } = await heardWith(['gateway', 'billing', 'stranger'])
    expect(heard).toEqual({ gateway: ['created', 'paid'], billing: ['created', 'paid', 'disputed'], stranger: [] })
  })

  it('follows its own `allow` rather than that of the service, and may use a function', async () => {
    const { heard } = await heardWith(['shop'])
    expect(heard).toEqual({ shop: ['shipped'] })
    const questions = new Set(asked.map(([{ key, proven }, event]) => [key, proven, event].join()))
    expect(questions).toEqual(new Set(['shop,true,shipped']))
  })

  it('reaches listeners in the process of the service, whatever the key of that node', async () => {
    const host = await mesh.start({ services: [BillService] })
    const heard: unknown[] = []
    host.remote<BillService>('bills').on('disputed', bill => heard.push(bill))
    host.resolve(BillService).disputed.emit('a bill')
    await until('the event', () => heard.length > 0)
    expect(heard).toEqual(['a bill'])
  })

  it.each([
    ['a function that throws', () => { throw new Error('broken') }], ['an async function', async () => true]
  ])('is sent to nobody when `allow` is %s', async (_what, allow) => {
    const app = feathers()
    app.use('plain', { async find () { return [] } }, { allow: allow as unknown as Allow })
    app.use('open', { async find () { return [] } })
    await mesh.start({ app })
    const node = await mesh.start({ remotes: ['plain', 'open'] })
    const heard: string[] = []
    for (const path of ['plain', 'open']) node.app.service(path).on('created', () => heard.push(path))
    await until('an event', () => {
      for (const path of ['plain', 'open']) app.service(path).emit('created', {})
      return heard.length > 0
    })
    expect(new Set(heard)).toEqual(new Set(['open']))
  })
})

describe('a node that subscribes to forbidden events', () => {
  it('is counted and logged by the host', async () => {
    const app = feathers()
    app.use('plain', { async find () { return [] } }, { allow: ['gateway'] })
    const host = await mesh.start({ app })
    const listen = async (key: string): Promise<void> => {
      (await mesh.start({ key, remotes: ['plain'] })).app.service('plain').on('created', () => {})
    }
    await listen('gateway')
    expect(host.counters().forbiddenEvents).toBe(0)
    await listen('shop')
    await until('it to be counted', () => host.counters().forbiddenEvents === 1)
    expect(String(warnings.mock.calls.at(-1)?.[0])).toMatch(
      /refused to tell a node events that it is not allowed: memory; 'plain' is not allowed for node .* with key 'shop'$/
    )
  })

  it('is not counted when it may receive at least one event of the service', async () => {
    const { host } = await heardWith(['shop'])
    expect(host.counters().forbiddenEvents).toBe(0)
  })
})

describe('the `allow` option of an event', () => {
  it.each([['gateway'], [[7]], [{}]])('is refused by forRoot when it is %p', allow => {
    @Distributed('wrong')
    class Wrong {
      @DistributedMethod() async find (): Promise<void> {}
      @DistributedEvent({ allow: allow as unknown as Allow }) readonly done!: ServiceEvent<string>
    }
    const faults = (): unknown => DistributedModule.forRoot({ services: [Wrong] })
    expect(faults).toThrow(ConfigurationError)
    expect(faults).toThrow('Wrong#done: allow must be a list of keys')
  })
})
