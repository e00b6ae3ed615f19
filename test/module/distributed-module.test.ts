import { feathers } from '@feathersjs/feathers'
import type { RemoteService } from 'feathers-mesh'
import { Distributed, DistributedMethod, DistributedModule, InjectRemote, remoteToken } from 'feathers-mesh'
import { container as globalContainer, inject, injectable } from 'tsyringe'
import { idOf, memoryMesh, titleOf } from '../memory-mesh'
import { TodoService } from '../todo-service'
import { rejection } from '../until'

const mesh = memoryMesh()

@injectable()
class Clock {
  readonly now: string = 'noon'
}

@Distributed('clocks')
class ClockService {
  constructor (private readonly clock: Clock) {}
  @DistributedMethod() async get (id: string): Promise<string> { return `${id}: ${this.clock.now}` }
}

@injectable()
class Dashboard {
  constructor (@InjectRemote('todos') readonly todos: RemoteService<TodoService>) {}
}

/** Keeps what Feathers calls on it. */
@Distributed('lifecycle')
class LifecycleService {
  readonly calls: string[] = []
  @DistributedMethod() async find (): Promise<string[]> { return this.calls }
  async setup (): Promise<void> { this.calls.push('setup') }
  async teardown (): Promise<void> { this.calls.push('teardown') }
}

describe('a class service', () => {
  it('can be called from another node by its path, with arguments and results', async () => {
    await mesh.start({ services: [TodoService] })
    const consumer = await mesh.start({ remotes: ['todos'] })
    const todos = consumer.remote<TodoService>('todos')

    expect(await todos.create({ title: 'buy milk' })).toEqual({ id: 1, title: 'buy milk', done: false })
    expect(await todos.complete({ id: 1 })).toEqual({ id: 1, title: 'buy milk', done: true })
    expect(await todos.find({ query: { done: true } })).toEqual([{ id: 1, title: 'buy milk', done: true }])
    expect(await todos.get(1)).toMatchObject({ title: 'buy milk' })
  })

  it('can be called from another node by its class', async () => {
    await mesh.start({ services: [TodoService] })
    const consumer = await mesh.start({ remotes: [TodoService] })
    expect(await consumer.remote(TodoService).find()).toEqual([])
    expect(consumer.remote(TodoService)).toBe(consumer.remote('todos'))
  })

  it('can be called by its class when the decorator has the path with slashes', async () => {
    @Distributed('/slashed/')
    class SlashedService {
      @DistributedMethod() async find (): Promise<string> { return 'found' }
    }
    await mesh.start({ services: [SlashedService] })
    const consumer = await mesh.start({ remotes: [SlashedService] })
    expect(await consumer.remote(SlashedService).find()).toBe('found')
    expect(await consumer.remote<SlashedService>('slashed/').find()).toBe('found')
  })

  it('runs in the process with its hooks when a remote on its own node calls it', async () => {
    const node = await mesh.start({ services: [TodoService] })
    const hook = jest.fn()
    node.app.service('todos').hooks({ before: { find: [hook] } })
    const query = { when: new Date(0) }
    await node.remote(TodoService).find({ query })

    expect(hook).toHaveBeenCalledTimes(1)
    // The very object: nothing went over a wire.
    expect(node.resolve(TodoService).params[0]?.query).toBe(query)
    expect(node.resolve(TodoService).params[0]).not.toHaveProperty('fromRemote')
  })

  it('refuses a local call of a method that it would refuse a remote caller', async () => {
    const node = await mesh.start({ services: [TodoService] })
    const todos = node.remote<{ wipe (): Promise<string> }>('todos')
    const error = await rejection(todos.wipe())
    expect(error).toMatchObject({ name: 'MethodNotAllowed', data: { path: 'todos', method: 'wipe' } })
    expect(error.message).toContain('it offers: find, get, create, complete')
  })

  it('is built by tsyringe with its dependencies, once for each node', async () => {
    const node = await mesh.start({ services: [ClockService] })
    expect(await node.remote(ClockService).get('clock')).toBe('clock: noon')
    expect(node.resolve(ClockService)).toBe(node.resolve(ClockService))
    const other = mesh.node({ services: [ClockService] })
    expect(other.resolve(ClockService)).not.toBe(node.resolve(ClockService))
  })

  it('is refused when tsyringe cannot build it, in an error with the class and the remedy', () => {
    const MISSING = Symbol('missing')
    @Distributed('unbuildable')
    class Unbuildable {
      constructor (@inject(MISSING) readonly missing: unknown) {}
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(() => mesh.node({ services: [Unbuildable] })).toThrow(expect.objectContaining({
      name: 'ConfigurationError',
      faults: [expect.stringMatching(/^Unbuildable can't be built by tsyringe: .*register what its constructor needs/s)]
    }))
  })

  it('is refused when another class has its path, in an error that names both', () => {
    @Distributed('todos')
    class OtherTodoService {
      @DistributedMethod() async find (): Promise<void> {}
    }
    expect(() => mesh.node({ services: [TodoService, OtherTodoService] })).toThrow(expect.objectContaining({
      faults: ["TodoService and OtherTodoService are both on the path 'todos'; give one of them another"]
    }))
  })

  it('is refused together with all other faulty classes', () => {
    class Undecorated {}
    @Distributed('idle')
    class Idle {}
    expect(() => mesh.node({ services: [Undecorated, Idle] })).toThrow(expect.objectContaining({
      faults: [
        expect.stringContaining('Undecorated has no @Distributed'),
        expect.stringContaining('Idle offers no method')
      ]
    }))
  })
})

describe('the container of a node', () => {
  it('injects remotes into the classes that resolve() builds', async () => {
    await mesh.start({ services: [TodoService] })
    const consumer = await mesh.start({ remotes: ['todos'] })
    expect(await consumer.resolve(Dashboard).todos.find()).toEqual([])
  })

  it('injects a remote that no option names', async () => {
    const consumer = mesh.node()
    expect(consumer.resolve(Dashboard).todos).toBe(consumer.remote('todos'))
  })

  it('resolves remotes by their tokens, and the fakes that a test registers for them', () => {
    const consumer = mesh.node()
    expect(consumer.resolve(remoteToken<TodoService>('todos'))).toBe(consumer.remote('todos'))

    const fake = { find: async () => [] } as unknown as RemoteService<TodoService>
    consumer.container.register(remoteToken(TodoService), { useValue: fake })
    expect(consumer.resolve(Dashboard).todos).toBe(fake)
  })

  it('resolves the DistributedModule to the node', () => {
    const node = mesh.node()
    expect(node.resolve(DistributedModule as never)).toBe(node)
  })

  it('is the container of the options, or else a child of the global one', () => {
    const given = globalContainer.createChildContainer()
    expect(mesh.node({ container: given }).container).toBe(given)

    const key = Symbol('registered globally')
    globalContainer.register(key, { useValue: 'global' })
    const node = mesh.node()
    expect(node.container).not.toBe(globalContainer)
    expect(node.resolve(key)).toBe('global')
  })

  it('keeps the nodes of one process apart', () => {
    const [one, other] = [mesh.node(), mesh.node()]
    expect(one.resolve(Dashboard).todos).not.toBe(other.resolve(Dashboard).todos)
    expect(globalContainer.isRegistered(TodoService)).toBe(false)
  })

  it('uses a service instance that was registered in it', async () => {
    const container = globalContainer.createChildContainer()
    const instance = new ClockService({ now: 'midnight' })
    container.registerInstance(ClockService, instance)
    const node = await mesh.start({ container, services: [ClockService] })
    expect(await node.remote(ClockService).get('clock')).toBe('clock: midnight')
  })
})

describe('a node', () => {
  it('starts and stops once, however often start() and stop() are called', async () => {
    const node = mesh.node({ services: [LifecycleService] })
    await Promise.all([node.start(), node.start()])
    await node.start()
    await Promise.all([node.stop(), node.stop()])
    await node.stop()
    expect(node.resolve(LifecycleService).calls).toEqual(['setup', 'teardown'])
  })

  it('ignores stop() before it is started, and can be started after that', async () => {
    const host = mesh.node({ services: [LifecycleService] })
    await host.stop()
    expect(host.resolve(LifecycleService).calls).toEqual([])
    await host.start()
    const consumer = await mesh.start({ remotes: [LifecycleService] })
    expect(await consumer.remote(LifecycleService).find()).toEqual(['setup'])
  })

  it('is off the mesh after stop(), even when start() has not finished', async () => {
    const consumer = await mesh.start()
    const app = feathers()
    for (const node of [mesh.node(), mesh.node({ app })]) {
      const started = node.start()
      await node.stop()
      await started
      expect(consumer.nodes()).toHaveLength(1)
    }
  })

  it('can be started and stopped again', async () => {
    const host = mesh.node({ services: [LifecycleService] })
    const consumer = await mesh.start()
    for (let n = 0; n < 2; n++) {
      await host.start()
      expect(consumer.nodes()).toHaveLength(2)
      await host.stop()
      expect(consumer.nodes()).toHaveLength(1)
    }
    expect(host.resolve(LifecycleService).calls).toEqual(['setup', 'teardown', 'setup', 'teardown'])
  })

  it('joins and leaves with setup() and teardown() of the given app', async () => {
    const app = feathers()
    const host = mesh.node({ app, services: [TodoService] })
    const consumer = await mesh.start()
    expect(host.app).toBe(app)

    await app.setup()
    expect(consumer.nodes().map(({ id }) => id)).toContain(idOf(host))
    await app.teardown()
    expect(consumer.nodes().map(({ id }) => id)).not.toContain(idOf(host))
  })

  it('joins without setting up the given app, which may be set up later', async () => {
    const app = feathers()
    const node = mesh.node({ app, services: [LifecycleService] })
    await node.start()
    expect(node.resolve(LifecycleService).calls).toEqual([])
    await app.setup()
    expect(node.resolve(LifecycleService).calls).toEqual(['setup'])
    await node.stop()
    expect(node.resolve(LifecycleService).calls).toEqual(['setup'])
  })

  it('finishes start() when all of its remotes have a host', async () => {
    const consumer = mesh.node({ remotes: ['todos', 'clocks'] })
    const started = consumer.start()
    await mesh.start({ services: [TodoService] })
    await mesh.start({ services: [ClockService] })
    await started
    expect(consumer.services().map(({ path }) => path).sort()).toEqual(['clocks', 'todos'])
  })

  it('does not wait at start() for a remote that it hosts itself', async () => {
    const node = await mesh.start({ services: [TodoService], remotes: [TodoService] })
    expect(await node.remote(TodoService).find()).toEqual([])
  })

  it('rejects start() with Unavailable, naming the path and the known services, when a remote is late', async () => {
    await mesh.start({ services: [ClockService] })
    const consumer = mesh.node({ remotes: ['clocks', 'todos'], timeout: 20 })
    const error = await rejection(consumer.start())
    expect(error).toMatchObject({ name: 'Unavailable', data: { path: 'todos', outcome: 'not-sent' } })
    expect(error.message).toBe("'todos': no node hosts it after 20 ms; " +
      "'todos' has never been seen on the mesh, but these have: clocks")
  })

  it('notifies peers at once when it stops, and they remember where its services were last seen', async () => {
    const host = await mesh.start({ services: [TodoService] })
    const consumer = await mesh.start({ remotes: ['todos'] })
    await host.stop()
    expect(consumer.services()).toEqual([])
    expect(consumer.nodes()).toHaveLength(1)
    const error = await rejection(consumer.remote<TodoService>('todos').with({ timeout: 20 }).find())
    expect(error.message).toContain(`'todos' was last seen on node ${titleOf(host)} at 20`)
  })

  it('finishes the calls under way when it stops', async () => {
    let release = (): void => {}
    const released = new Promise<void>(resolve => { release = resolve })
    let entered = (): void => {}
    const running = new Promise<void>(resolve => { entered = resolve })
    @Distributed('slow')
    class SlowService {
      @DistributedMethod()
      async find (): Promise<string> {
        entered()
        await released
        return 'done'
      }
    }
    const host = await mesh.start({ services: [SlowService] })
    const consumer = await mesh.start({ remotes: [SlowService] })
    const call = consumer.remote(SlowService).find()
    await running
    const stopped = host.stop()
    release()
    expect(await call).toBe('done')
    await stopped
  })
})

describe('the lists of nodes() and services()', () => {
  it('start with the local node, followed by the others and their services', async () => {
    const name = 'api-7f'
    const host = await mesh.start({ name, services: [TodoService], key: 'backend' })
    const consumer = await mesh.start({ name, remotes: ['todos'] })
    expect(consumer.nodes()).toEqual([
      { id: idOf(consumer), name, key: 'default', services: [], local: true },
      { id: idOf(host), name, key: 'backend', services: ['todos'], local: false }
    ])
    expect(host.nodes()[0]).toEqual({ id: idOf(host), name, key: 'backend', services: ['todos'], local: true })
  })

  it('contain each service with its methods, events and nodes', async () => {
    const hosts = [await mesh.start({ services: [TodoService] }), await mesh.start({ services: [TodoService] })]
    const consumer = await mesh.start({ remotes: ['todos'] })
    expect(consumer.services()).toEqual([{
      path: 'todos',
      key: 'default',
      methods: ['find', 'get', 'create', 'complete'],
      events: ['created', 'updated', 'patched', 'removed', 'completed'],
      nodes: hosts.map(idOf),
      local: false
    }])
  })

  it('belong to the program, which changes nothing else by changing them', async () => {
    await mesh.start({ services: [TodoService] })
    const consumer = await mesh.start({ remotes: ['todos'] })
    const lists = (): string[][] => [
      ...consumer.nodes().map(({ services }) => services as string[]),
      ...consumer.services().flatMap(({ methods, events, nodes }) => [methods, events, nodes] as string[][])
    ]
    const before = JSON.stringify(lists())
    for (const list of lists()) list.push('other')
    expect(JSON.stringify(lists())).toBe(before)
    expect(lists()).toHaveLength(5)
  })

  it('contain a service that this node and others host once, as local', async () => {
    await mesh.start({ services: [TodoService] })
    const node = await mesh.start({ services: [TodoService] })
    expect(node.services()).toEqual([expect.objectContaining({ path: 'todos', nodes: [idOf(node)], local: true })])
  })
})
