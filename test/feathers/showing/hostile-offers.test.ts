import { feathers, getServiceOptions } from '@feathersjs/feathers'
import { DistributedModule, MemoryNetwork, type Contract } from 'feathers-mesh'
import { BareNode } from '../../bare-node'
import { memoryMesh } from '../../memory-mesh'
import { until } from '../../until'
import { warnings } from '../../warnings'
import { has } from '../gateways'

const mesh = memoryMesh()

const contract = (path: string, methods = ['find', 'get'], events = ['created']): Contract =>
  ({ path, methods: methods.map(name => ({ name, idempotent: false })), events })

/** A node that offers whatever a test says. */
async function peer (...contracts: Contract[]): Promise<BareNode> {
  const node = new BareNode(mesh.transport(), { id: `peer-${contracts[0]?.path ?? ''}`, key: 'peer', contracts })
  nodes.push(node)
  return await node.start()
}

const nodes: BareNode[] = []

afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(nodes.splice(0).map(async ({ transport }) => await transport.stop(1)))
})

describe('a service of other nodes at a path that begins with a placeholder', () => {
  it.each([':any', ':a/b', '*', '*/x', 'a*b'])('is not on the app at %s; one warning tells it', async path => {
    const told = warnings()
    const app = feathers()
    const node = await mesh.start({ app })
    await peer(contract(path), contract('todos'))
    await until(() => has(app, 'todos'))
    expect(has(app, path)).toBe(false)
    expect(told).toEqual([expect.stringContaining(`the service '${path}' of other nodes is not on this app`)])
    expect(node.services().map(service => service.path)).toContain(path)
  })

  it.each<[string, object]>([
    ['remoteServices lists it', { remoteServices: [':any'] }],
    ['remoteServicePath returns it', { remoteServicePath: ({ path }: { path: string }) => path }],
    ['remotes names it', { remotes: [':any'] }]
  ])('is on the app where %s', async (_how, options) => {
    const app = feathers()
    await Promise.all([mesh.start({ app, ...options }), peer(contract(':any'))])
    await until(() => has(app, ':any'))
  })

  it.each<[string, object]>([
    ['a function for remoteServices accepts it', { remoteServices: () => true }],
    ['remoteServices lists another path', { remoteServices: ['todos', ':any/todos', ':any'].slice(0, 1) }],
    ['remoteServicePath returns nothing', { remoteServicePath: () => undefined as unknown as string }]
  ])('is not on the app where %s', async (_how, options) => {
    warnings()
    const app = feathers()
    await mesh.start({ app, ...options })
    await peer(contract(':any'), contract('todos'))
    await until(() => has(app, 'todos'))
    expect(has(app, ':any')).toBe(false)
  })
})

describe('a service of nodes of another key, at a path that answers requests for one that is there', () => {
  const of = async (key: string, ...paths: string[]): Promise<BareNode> => {
    const contracts = paths.map(path => contract(path))
    const node = new BareNode(mesh.transport(), { id: `${key}-${paths.join()}`, key, contracts })
    nodes.push(node)
    return await node.start()
  }

  it.each([
    ['todos', 'todos/5'], ['todos', 'todos/:y'], ['todos', 'todos/:__id'], ['todos', 'todos/*'],
    ['users/:id/todos', 'users/5/todos'], ['users/:id/todos', 'users/5/todos/7'], ['users/:id/todos', 'users/5/:what'],
    ['users/:id/todos', 'users/:user/todos'], ['users/:id/todos', 'users/:id/todos/7'],
    ['users/:id/todos', 'users/5'], ['users/:id/todos', 'users/:user']
  ])('is not on the app beside %s at %s; one warning tells it', async (path, other) => {
    const told = warnings()
    const app = feathers()
    const node = await mesh.start({ app })
    await of('app', path)
    await until(() => has(app, path))
    await of('evil', other, 'elsewhere')
    await until(() => has(app, 'elsewhere'))
    expect(has(app, other)).toBe(false)
    expect(told).toEqual([expect.stringContaining(`the service '${other}' of nodes of key 'evil' is not on this app`)])
    expect(node.services().map(service => service.path)).toContain(other)
  })

  it.each([
    ['app', 'todos', 'todos/5'], ['other', 'todos', 'todos/5/likes'], ['other', 'todos', 'todo/5'],
    ['other', 'todos', 'Todos/5'], ['other', 'todos/5', 'todos'], ['other', 'users/5/todos', 'users/:id/todos'],
    ['other', 'users/:id/todos', 'users/:id/likes']
  ])('is on the app where its key is %s, or where it answers nothing of that: %s and %s', async (key, path, other) => {
    const app = feathers()
    await mesh.start({ app })
    await of('app', path)
    await until(() => has(app, path))
    await of(key, other)
    await until(() => has(app, other))
  })

  it.each<[string, object]>([
    ['remoteServices lists it', { remoteServices: ['todos', 'todos/5'] }],
    ['remotes names it', { remotes: [{ path: 'todos/5', key: 'other' }] }]
  ])('is on the app where %s', async (_how, options) => {
    const app = feathers()
    await Promise.all([mesh.start({ app, ...options }), of('app', 'todos'), of('other', 'todos/5')])
    await until(() => has(app, 'todos/5') && has(app, 'todos'))
  })

  it('is not on the app either while no node of the key is there that remotes names', async () => {
    warnings()
    const app = feathers()
    mesh.node({ app, remotes: [{ path: 'todos', key: 'app' }] }).start().catch(() => {})
    await of('evil', 'todos/5', 'elsewhere')
    await until(() => has(app, 'elsewhere'))
    expect(has(app, 'todos/5')).toBe(false)
  })

  it('is not on the app beside a declared one whose nodes have another key than before', async () => {
    warnings()
    const app = feathers()
    mesh.node({ app, remotes: ['todos'] }).start().catch(() => {})
    const first = await of('first', 'todos')
    await until(() => app.services.todos !== undefined && Reflect.get(app.service('todos'), 'key') === 'first')
    await of('second', 'todos')
    await first.transport.stop(1)
    await until(() => Reflect.get(app.service('todos'), 'key') === 'second')
    await of('first', 'todos/5', 'elsewhere')
    await until(() => has(app, 'elsewhere'))
    expect(has(app, 'todos/5')).toBe(false)
  })

  it('stays where it came first, which one warning tells, and gets there when the other one has gone', async () => {
    const told = warnings()
    const app = feathers()
    await mesh.start({ app })
    await of('first', 'todos/5')
    await until(() => has(app, 'todos/5'))
    const todos = await of('second', 'todos')
    await until(() => has(app, 'todos'))
    await of('third', 'todos/7', 'elsewhere')
    await until(() => has(app, 'elsewhere'))
    expect([has(app, 'todos/5'), has(app, 'todos/7')]).toEqual([true, false])
    expect(told).toEqual([
      expect.stringContaining("the service 'todos/5' of nodes of key 'first' answers requests for 'todos'"),
      expect.stringContaining("the service 'todos/7' of nodes of key 'third' is not on this app")
    ])
    await todos.transport.stop(1)
    await until(() => has(app, 'todos/7'))
  })
})

describe('a service of other nodes that can\'t be put on the app', () => {
  it('causes one warning, leaves the others alone, and appears when the obstacle is gone', async () => {
    const told = warnings()
    const app = feathers()
    let isInTheWay = true
    app.mixins.push((_service, path) => { if (path === 'bad' && isInTheWay) throw new Error('no such service here') })
    app.use('own', { find: async () => [] })
    await mesh.start({ app, services: [] })
    const node = await peer(contract('first'), contract('bad'), contract('last'))
    await until(() => has(app, 'first') && has(app, 'last'))
    expect(has(app, 'bad')).toBe(false)
    node.offered = [...node.offered, contract('more')]
    void node.transport.announce()
    await until(() => has(app, 'more'))
    expect(told).toEqual([expect.stringContaining("'bad' of other nodes can't be on this app: no such service here")])
    isInTheWay = false
    await app.unuse('own')
    expect(has(app, 'bad')).toBe(true)
    await node.transport.stop(1)
    await until(() => !has(app, 'bad'))
  })
})

describe('a service whose hosts offer ever other methods and events', () => {
  it('keeps a bounded number of both, on the app and for clients', async () => {
    const app = feathers()
    await mesh.start({ app })
    const names = (round: number): string[] => Array.from({ length: 500 }, (_, n) => `round${round}x${n}`)
    const node = await peer(contract('todos', ['find', ...names(0)], names(0)))
    await until(() => has(app, 'todos'))
    const service = app.service('todos')
    for (let round = 1; round < 8; round++) {
      node.offered = [contract('todos', ['find', ...names(round)], names(round))]
      void node.transport.announce()
      await until(() => Reflect.has(service, `round${round}x499`))
    }
    const { methods, serviceEvents } = getServiceOptions(service)
    const target: object = Object.getPrototypeOf(service)
    expect(methods).toEqual(['find', ...names(7)])
    expect(serviceEvents?.length).toBeLessThanOrEqual(1_500)
    expect(serviceEvents).toEqual(expect.arrayContaining(names(7)))
    expect(Object.getOwnPropertyNames(target).length).toBeLessThanOrEqual(1_520)
    expect(Object.getOwnPropertyNames(service).length).toBeLessThanOrEqual(1_600)
    expect(app.service('todos')).toBe(service)
  })
})

describe('an event called error', () => {
  it('is neither declared nor relayed, whatever a peer declares and sends', async () => {
    const app = feathers()
    await mesh.start({ app })
    const node = await peer(contract('todos', ['find'], ['created', 'error', 'newListener', '__proto__']))
    await until(() => has(app, 'todos'))
    const service = app.service('todos')
    const heard = jest.fn()
    const created = new Promise(resolve => service.once('created', resolve))
    service.on('error', heard)
    const message = { path: 'todos', key: 'peer', args: [{ a: 1 }] }
    const send = (event: string): void => node.transport.publish({ ...message, event })
    await until(() => {
      for (const event of ['error', 'newListener', '__proto__', 'created']) send(event)
      return Promise.race([created, new Promise(resolve => setImmediate(resolve, undefined))])
    })
    service.off('error', heard)
    send('error')
    expect(heard).not.toHaveBeenCalled()
  })

  it('can be declared by no option', () => {
    for (const distributedEvents of [['error'], ['newListener'], ['created', 'removeListener']]) {
      expect(() => DistributedModule.forRoot({ transport: new MemoryNetwork().transport(), distributedEvents }))
        .toThrow("option 'distributedEvents' is wrong")
    }
  })
})
