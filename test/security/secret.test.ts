import { inspect } from 'node:util'
import type { ConfigurationError } from 'feathers-mesh'
import { CoteTransport, DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { KeyRing } from '../../lib/transport/secrets/key-ring'
import { TodoService } from '../todo-service'
import { until } from '../until'
import { findIn } from './find-in'
import { CoteMesh, OTHER_SECRET, outcomesDuring, SECRET } from './mesh-of'

let mesh: CoteMesh

beforeEach(() => { mesh = new CoteMesh() })
afterEach(async () => await mesh.end())

const title = 'Buy milk'

/** The faults for which options are refused. */
function faultsOf (options: object): string {
  try {
    DistributedModule.forRoot(options)
  } catch (error) {
    return (error as ConfigurationError).faults.join()
  }
  throw new Error('these options should have been refused')
}

/** Waits until a node knows this number of others. */
async function meets (node: DistributedModule, others: number): Promise<void> {
  await until(`${others} other nodes`, () => node.nodes().length === others + 1)
}

describe('nodes with a secret', () => {
  it("find each other, call each other and receive each other's events", async () => {
    await mesh.host({ secret: SECRET })
    const todos = await mesh.consumer({ secret: SECRET })
    const heard: unknown[] = []
    todos.on('created', todo => heard.push(todo))
    await until('an event', async () => {
      await todos.create({ title })
      return heard.length > 0
    })
    expect(heard[0]).toMatchObject({ title })
  })

  it('may take it from MESH_SECRET', async () => {
    process.env.MESH_SECRET = SECRET
    try {
      await mesh.host()
      const todos = await mesh.consumer({ secret: SECRET })
      expect(await todos.create({ title })).toMatchObject({ title })
    } finally {
      delete process.env.MESH_SECRET
    }
  })

  it('may be open to other machines without the option insecure', () => {
    const options = { secret: SECRET, cote: { broadcast: '192.0.2.255' } }
    expect(DistributedModule.forRoot(options)).toBeInstanceOf(DistributedModule)
    expect(mesh.log).toEqual([])
  })

  it('may get it through a given transport', async () => {
    const transport = new CoteTransport(mesh.cote, { secret: SECRET })
    const host = DistributedModule.forRoot({ services: [TodoService], transport })
    try {
      await host.start()
      expect(await (await mesh.consumer({ secret: SECRET })).create({ title })).toMatchObject({ title })
    } finally {
      await host.stop()
    }
  })

  it('are removed when they say goodbye', async () => {
    const [one, other] = [await mesh.node({ secret: SECRET }), await mesh.node({ secret: SECRET })]
    await meets(one, 1)
    await other.stop()
    await meets(one, 0)
  })
})

describe('a secret', () => {
  it.each([
    ['short'], [''], [[]], [[SECRET, 'short']], [7], [() => 'short'], [() => undefined]
  ])('is refused without being revealed when it is %p', secret => {
    const faults = faultsOf({ secret })
    expect(faults).toContain("option 'secret'")
    expect(faults).not.toContain(SECRET)
    expect(faults).not.toContain('short')
  })

  it('is refused when MESH_SECRET is too short', () => {
    process.env.MESH_SECRET = ''
    try {
      expect(faultsOf({})).toContain('MESH_SECRET must have at least 16 characters')
    } finally {
      delete process.env.MESH_SECRET
    }
  })

  it('is refused beside a transport that would not use it', () => {
    const transport = new MemoryNetwork().transport()
    expect(faultsOf({ transport, secret: SECRET })).toContain('new CoteTransport(cote, { secret })')
  })

  it.each([
    ['a string', SECRET], ['a list', [SECRET, OTHER_SECRET]]
  ])('is not exposed on a node, its app or its transport when it is given as %s', async (_kind, secret) => {
    const node = await mesh.node({ secret })
    await mesh.node({ secret })
    await meets(node, 1)
    const transport = new CoteTransport(mesh.cote, { secret })
    const seen = [node, node.app, node.nodes(), mesh.log, Reflect.get(node.app, 'distributionOptions'), transport]
    const [{ connections }] = new KeyRing(secret).accepted
    for (const hidden of [SECRET, OTHER_SECRET, connections.toString('latin1')]) {
      expect(findIn(seen, hidden)).toBeUndefined()
      expect(inspect(seen, { depth: 6 })).not.toContain(hidden)
    }
    expect(findIn({ there: [new Map([[1, connections]])] }, connections.toString('latin1'))).toBe('there.0.1')
  })
})

describe('the rotation of a secret', () => {
  it('proceeds node by node without a lost call, and the old secret is rejected in the end', async () => {
    const of = { host: [OTHER_SECRET], caller: [OTHER_SECRET] }
    const host = await mesh.host({ secret: () => of.host })
    const consumer = await mesh.node({ secret: () => of.caller, remotes: ['todos'] })
    const todos = consumer.remote<TodoService>('todos')
    const outcomes = await outcomesDuring(todos, async () => {
      const newcomer = async (secret: string): Promise<void> => {
        const node = await mesh.node({ secret })
        await meets(node, 2)
        await node.stop()
      }
      of.host = [OTHER_SECRET, SECRET]
      await newcomer(OTHER_SECRET)
      of.caller = [OTHER_SECRET, SECRET]
      of.host = [SECRET, OTHER_SECRET]
      of.caller = [SECRET, OTHER_SECRET]
      await newcomer(SECRET)
      of.host = [SECRET]
      of.caller = [SECRET]
      await newcomer(SECRET)
    })
    expect(outcomes).toEqual(new Set(['fulfilled']))

    const late = await mesh.node({ secret: OTHER_SECRET })
    await until('the old secret to be refused', () => host.counters().foreignHello > 0)
    expect(late.nodes()).toHaveLength(1)
  })
  it('closes a connection opened with a secret that is no longer accepted', async () => {
    const of = { host: [OTHER_SECRET] }
    const host = await mesh.host({ secret: () => of.host })
    const todos = await mesh.consumer({ secret: OTHER_SECRET, retries: 0, waitForService: false })
    expect(await todos.create({ title })).toMatchObject({ title })
    of.host = [SECRET]
    await until('the connection to be cut', () => host.counters().wrongSecret > 0)
    await expect(until('no more calls', async () => {
      await todos.create({ title })
      return false
    })).rejects.toThrow()
    expect(mesh.log.join()).toContain('it was opened with a secret that is accepted no more')
  })
})
