import { Forbidden } from '@feathersjs/errors'
import { feathers, type HookContext, type Params } from '@feathersjs/feathers'
import { IsString } from 'class-validator'
import {
  ConfigurationError, Distributed, DistributedMethod, DistributedModule, type Allow, type Caller, type RemoteService
} from 'feathers-mesh'
import { BareNode } from '../../bare-node'
import { memoryMesh } from '../../memory-mesh'
import { rejection } from '../../until'

const mesh = memoryMesh()

class Amount {
  @IsString() currency!: string
}

const asked: Array<readonly [caller: Caller, method: string]> = []
let answer: unknown = true

@Distributed({ path: 'bills', allow: ['gateway', 'billing'] })
class BillService {
  readonly ran: string[] = []

  @DistributedMethod() async find (params?: Params): Promise<unknown> {
    this.ran.push('find')
    return params?.caller
  }

  @DistributedMethod({ allow: ['billing'] }) async create (_data: Amount): Promise<void> { this.ran.push('create') }

  @DistributedMethod({
    allow: (caller, method) => {
      asked.push([caller, method])
      if (answer instanceof Error) throw answer
      // As JavaScript could.
      return answer as boolean
    }
  })
  async check (): Promise<boolean> { return true }
}

/** A node that calls what another one hosts. */
async function callerWithKey (key: string): Promise<RemoteService<BillService>> {
  return (await mesh.start({ key, remotes: ['bills'] })).remote<BillService>('bills')
}

async function host (): Promise<DistributedModule> {
  asked.length = 0
  answer = true
  return await mesh.start({ services: [BillService] })
}

describe('a service with an `allow` list', () => {
  it('serves nodes with a key on the list, and learns the identity of the caller', async () => {
    await host()
    expect(await (await callerWithKey('gateway')).find()).toEqual({
      node: expect.any(String) as unknown, key: 'gateway', proven: true, address: 'memory'
    })
  })

  it('is forbidden to other nodes before validation and hooks, and counts the attempt', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const node = await host()
    const hooks: string[] = []
    node.app.hooks({ around: { all: [async (context: HookContext) => { hooks.push(context.path) }] } })
    const bills = await callerWithKey('shop')
    const error = await rejection<Forbidden>(bills.create({} as Amount))
    expect(error).toBeInstanceOf(Forbidden)
    expect(error.message).toMatch(/^bills\.create\(\) is not allowed for node .* with key 'shop'$/)
    expect(await rejection(bills.find())).toBeInstanceOf(Forbidden)
    expect([hooks, node.resolve(BillService).ran]).toEqual([[], []])
    expect(node.counters().forbidden).toBe(2)
    jest.restoreAllMocks()
  })

  it('is forbidden to a node that claims another key in params', async () => {
    await host()
    const bills = await callerWithKey('shop')
    const forged = { caller: { key: 'gateway' }, key: 'gateway', fromRemote: false } as object
    expect(await rejection(bills.find(forged as Params))).toBeInstanceOf(Forbidden)
  })

  it('can be called in its own process, whatever the key of that node', async () => {
    const node = await host()
    await node.remote<BillService>('bills').find()
    expect(node.resolve(BillService).ran).toEqual(['find'])
  })
})

describe('a method with its own `allow`', () => {
  it('follows its own list rather than that of the service', async () => {
    const node = await host()
    expect(await rejection((await callerWithKey('gateway')).create({ currency: 'EUR' }))).toBeInstanceOf(Forbidden)
    await (await callerWithKey('billing')).create({ currency: 'EUR' })
    expect(node.resolve(BillService).ran).toEqual(['create'])
  })

  it('can be called by the nodes for which its function returns true', async () => {
    await host()
    const bills = await callerWithKey('shop')
    expect(await bills.check()).toBe(true)
    expect(asked).toEqual([[expect.objectContaining({ key: 'shop', proven: true }), 'check']])
  })

  it.each([
    [false], [1], [undefined], [Promise.resolve(true)], [new Error('broken')]
  ])('can be called by nobody when its function yields %p', async said => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await host()
    answer = said
    expect(await rejection((await callerWithKey('shop')).check())).toBeInstanceOf(Forbidden)
    expect(warnings).toHaveBeenCalled()
    warnings.mockRestore()
  })
})

describe('the `allow` option', () => {
  it('is not sent to other nodes', async () => {
    await host()
    const other = new BareNode(mesh.transport())
    await other.start()
    expect(JSON.stringify([...other.peers.values()])).not.toContain('gateway')
    await other.transport.stop(0)
  })

  it.each([['gateway'], [[7]], [{}], [['']]])('is refused by forRoot when it is %p', allow => {
    @Distributed({ path: 'wrong', allow: allow as unknown as Allow })
    class Wrong {
      @DistributedMethod({ allow: allow as unknown as Allow }) async find (): Promise<void> {}
    }
    const faults = (): unknown => DistributedModule.forRoot({ services: [Wrong] })
    expect(faults).toThrow(ConfigurationError)
    expect(faults).toThrow('Wrong: allow must be a list of keys')
    expect(faults).toThrow('Wrong#find: allow must be a list of keys')
  })

  it('can be set for a plain service in the options of app.use', async () => {
    const app = feathers()
    app.use('plain', { async find () { return 'found' } }, { allow: ['gateway'] })
    await mesh.start({ app })
    const find = async (key: string): Promise<unknown> =>
      await (await mesh.start({ key, remotes: ['plain'] })).app.service('plain').find()
    expect(await find('gateway')).toBe('found')
    expect(await rejection(find('shop'))).toBeInstanceOf(Forbidden)
  })
})

describe("the headers of a client's request", () => {
  const headers = { authorization: 'a token', cookie: 'a session', 'X-Request-Id': '7', 'accept-language': 'fr' }

  /** What the host gets of them. */
  async function headersWith (options: object): Promise<unknown> {
    const seen: unknown[] = []
    const app = feathers()
    app.use('plain', { async find (params?: Params) { seen.push(params?.headers) } })
    await mesh.start({ app })
    await (await mesh.start({ ...options, remotes: ['plain'] })).app.service('plain').find({ headers })
    return seen[0]
  }

  it('cross the mesh unless they carry credentials', async () => {
    expect(await headersWith({})).toEqual({ 'X-Request-Id': '7', 'accept-language': 'fr' })
  })

  it('cross the mesh when the option `headers` names them, in upper or lower case', async () => {
    expect(await headersWith({ headers: ['Authorization'] })).toEqual({ authorization: 'a token' })
  })

  it('never cross the mesh when the option `headers` is an empty list', async () => {
    expect(await headersWith({ headers: [] })).toEqual({})
  })
})
