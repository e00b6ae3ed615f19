import {
  feathers, getServiceOptions, type Application, type HookContext, type NextFunction
} from '@feathersjs/feathers'
import { AuthenticationService, JWTStrategy } from '@feathersjs/authentication'
import { MemoryService } from '@feathersjs/memory'
import { channels } from '@feathersjs/transport-commons'
import {
  Distributed, DistributedEvent, DistributedMethod,
  type DistributedModule, type DistributedModuleOptions, type ServiceEvent
} from 'feathers-mesh'
import { idOf, memoryMesh } from '../../memory-mesh'
import { TodoService, type Todo } from '../../todo-service'
import { rejection, until } from '../../until'

const mesh = memoryMesh()

/** A service as an app has it: typed by hand, as the app knows nothing of other nodes. */
interface AppTodos {
  remote?: boolean
  key?: string
  path?: string
  find (params?: object): Promise<Todo[]>
  get (id: number): Promise<Todo>
  create (data: object, params?: object): Promise<Todo>
  complete (data: object): Promise<Todo>
  hooks (hooks: object): void
}

const todosOf = (node: DistributedModule, path = 'todos'): AppTodos => node.app.service(path) as unknown as AppTodos
const has = (node: DistributedModule, path = 'todos'): boolean => Object.hasOwn(node.app.services as object, path)

describe('a service of another node', () => {
  it('is on the app with its standard and custom methods', async () => {
    await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ remotes: ['todos'] })
    expect(await todosOf(gateway).create({ title: 'one' })).toMatchObject({ id: 1 })
    expect(await todosOf(gateway).complete({ id: 1 })).toMatchObject({ done: true })
    expect(await todosOf(gateway).find()).toEqual([{ id: 1, title: 'one', done: true }])
  })

  it('has the properties remote, key and path, as in feathers-distributed', async () => {
    await mesh.start({ services: [TodoService], key: 'backend' })
    const aliased = await mesh.start({ remotes: ['far/todos'], remoteServicePath: ({ path }) => `far/${path}` })
    expect(todosOf(aliased, 'far/todos')).toMatchObject({ remote: true, key: 'backend', path: 'todos' })
    expect(await todosOf(aliased, 'far/todos').find()).toEqual([])
  })

  it('has the string id that its adapter or class declares', async () => {
    @Distributed('keyed')
    class Keyed {
      readonly id = 'uuid'

      @DistributedMethod()
      async find (): Promise<string[]> { return [] }
    }
    const app = feathers()
    app.use('mongo', new MemoryService({ id: '_id' }))
    app.use('odd', { id: 7, find: async () => [] } as object)
    app.use('plain', { find: async () => [] })
    await mesh.start({ app, services: [Keyed, 'mongo', 'odd', 'plain'] })
    const paths = ['keyed', 'mongo', 'odd', 'plain']
    const gateway = await mesh.start({ remotes: paths })
    const ids = paths.map(path => (gateway.app.service(path) as unknown as { id: unknown }).id)
    expect(ids).toEqual(['uuid', '_id', undefined, undefined])
  })

  it('gets its id from a later host when the first host is too old to send one', async () => {
    const host = (id?: string): Application => {
      const app = feathers()
      return app.use('users', Object.assign({ find: async () => [] }, id === undefined ? {} : { id }))
    }
    await mesh.start({ app: host(), services: ['users'] })
    const gateway = await mesh.start({ remotes: ['users'] })
    const users = gateway.app.service('users') as unknown as { id?: string }
    expect(users.id).toBeUndefined()
    await mesh.start({ app: host('id'), services: ['users'] })
    await until('the id', () => users.id === 'id')
  })

  it('supports an authentication service that names no entityId', async () => {
    const host = feathers()
    host.use('users', new MemoryService())
    await mesh.start({ app: host, services: ['users'] })
    const app = feathers()
    await mesh.start({ app, remotes: ['users'] })
    const authentication = new AuthenticationService(app, 'authentication', {
      secret: 'x'.repeat(32), entity: 'user', service: 'users', authStrategies: ['jwt']
    })
    authentication.register('jwt', new JWTStrategy())
    app.use('authentication', authentication)
    await app.setup()
    const user = await host.service('users').create({ name: 'ann' })
    const accessToken = await authentication.createAccessToken({}, { subject: String(user.id) })
    expect(await app.service('authentication').create({ strategy: 'jwt', accessToken })).toMatchObject({ user })
  })

  it('runs the hooks of this app, of the service and of the option', async () => {
    const order: string[] = []
    const host = await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({
      remotes: ['todos'],
      hooks: {
        before: { all: [() => { order.push('option') }] },
        after: { find: [(context: HookContext) => { context.result = ['hooked'] }] }
      }
    })
    gateway.app.hooks({ before: { all: [() => { order.push('app') }] } })
    todosOf(gateway).hooks({ before: { find: [() => { order.push('service') }] } })
    expect(await todosOf(gateway).find()).toEqual(['hooked'])
    expect(order).toEqual(['app', 'option', 'service'])

    // They are for services of other nodes only.
    expect(await todosOf(host).find()).toEqual([])
  })

  it('is called without the params that belong to this process', async () => {
    const host = await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ remotes: ['todos'] })
    await todosOf(gateway).find({
      query: { a: 1 }, provider: 'rest', user: { id: 1 }, connection: {}, req: {}, res: {}, caller: { key: 'forged' }
    })
    const caller = { node: gateway.nodes()[0].id, key: 'default', proven: true, address: 'memory' }
    const [{ deadline, signal, ...params } = {}] = host.resolve(TodoService).params
    expect(params).toEqual({ query: { a: 1 }, provider: 'rest', user: { id: 1 }, fromRemote: true, caller })
    expect([typeof deadline, signal]).toEqual(['number', expect.any(AbortSignal)])
  })

  it('appears with its first host and disappears with its last', async () => {
    const gateway = await mesh.start()
    const [one, other] = [await mesh.start({ services: [TodoService] }), await mesh.start({ services: [TodoService] })]
    await until(() => has(gateway))
    await one.stop()
    expect(has(gateway)).toBe(true)
    expect(await todosOf(gateway).find()).toEqual([])
    await other.stop()
    expect(has(gateway)).toBe(false)
  })

  it('stays on the app without a host when it is declared, and calls wait for the next host', async () => {
    const first = await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ remotes: ['todos'] })
    const hook = jest.fn()
    todosOf(gateway).hooks({ before: { all: [hook] } })
    await first.stop()
    const call = todosOf(gateway).find()
    await mesh.start({ services: [TodoService] })
    expect(await call).toEqual([])
    expect(hook).toHaveBeenCalledTimes(1)
  })

  it('gains the methods that only some replicas offer', async () => {
    @Distributed('todos')
    class NewerTodoService extends TodoService {
      @DistributedMethod() async archive (_data: object): Promise<string> { return 'archived' }
    }
    await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ remotes: ['todos'] })
    await mesh.start({ services: [NewerTodoService] })
    await until(() => 'archive' in todosOf(gateway))
    const { archive } = todosOf(gateway) as unknown as NewerTodoService
    expect(await archive.call(todosOf(gateway), {})).toBe('archived')
    // Never by the older replica, whose turn it would be.
    const remote = gateway.remote(NewerTodoService)
    expect(await Promise.all([1, 2, 3, 4].map(async () => await remote.archive({})))).toEqual(Array(4).fill('archived'))
  })

  it('yields to a local service and takes its place again when that is removed', async () => {
    const app: Application = feathers()
    app.use('todos', { find: async () => ['own'] })
    const node = await mesh.start({ app, services: [] })
    await mesh.start({ services: [TodoService] })
    await until(() => node.nodes().length === 2)
    expect(await todosOf(node).find()).toEqual(['own'])

    for (const services of [[], ['todos']]) {
      const announced: string[] = []
      node.app.on('service', ({ path }) => announced.push(path))
      await node.app.unuse('/todos/')
      expect(await todosOf(node).find()).toEqual([])
      expect([todosOf(node).remote, announced]).toEqual([true, ['todos']])
      node.app.use('todos', { find: async () => services })
      expect(await todosOf(node).find()).toEqual(services)
    }
  })

  it('stays away when the app removes it', async () => {
    const node = await mesh.start()
    await mesh.start({ services: [TodoService] })
    await until(() => has(node))
    await node.app.unuse('todos')
    expect(has(node)).toBe(false)
  })

  it('is announced by `service` and `service-removed` events with its description', async () => {
    const gateway = await mesh.start()
    const announced: unknown[] = []
    gateway.app.on('service', service => announced.push(['service', service]))
    gateway.app.on('service-removed', service => announced.push(['service-removed', service]))
    const host = await mesh.start({ services: [TodoService] })
    await until(() => announced.length === 1)
    await host.stop()
    const id = idOf(host)
    expect(announced).toEqual([
      ['service', {
        uuid: id,
        shortUuid: id.split('-')[0],
        key: 'default',
        path: 'todos',
        methods: ['find', 'get', 'create', 'complete'],
        events: ['created', 'updated', 'patched', 'removed', 'completed']
      }],
      ['service-removed', { uuid: id, shortUuid: id.split('-')[0], key: 'default', path: 'todos' }]
    ])
  })

  it('is announced as removed from the node that hosted it, where nodes of another key take its place', async () => {
    const gateway = await mesh.start()
    const removed: object[] = []
    gateway.app.on('service-removed', service => removed.push(service as object))
    const first = await mesh.start({ services: [TodoService], key: 'first' })
    await until(() => has(gateway))
    const second = await mesh.start({ services: [TodoService], key: 'second' })
    await until(() => gateway.nodes().some(({ id }) => id === idOf(second)))
    await first.stop()
    expect(removed).toEqual([
      { uuid: idOf(first), shortUuid: idOf(first).split('-')[0], key: 'first', path: 'todos' }
    ])
  })
})

describe('a remote service that gains methods or events', () => {
  @Distributed('todos')
  class NewerTodoService extends TodoService {
    @DistributedEvent() readonly archived!: ServiceEvent<string>

    @DistributedMethod() async archive ({ title }: { title: string }): Promise<string> {
      this.archived.emit(title)
      return title
    }
  }

  interface Newer extends AppTodos {
    archive (data: object): Promise<string>
    on (event: string, listener: (...args: unknown[]) => void): void
    publish (publisher: () => unknown): void
  }

  /** An app that knows a service, which gets a replica that offers more when `grow` is called. */
  async function growing (options: DistributedModuleOptions = {}) {
    await mesh.start({ services: [TodoService] })
    const app = feathers().configure(channels()) as Application & {
      channel (name: string): { join (connection: object): void }
      publish (publisher: () => unknown): void
    }
    app.channel('everybody').join({})
    const gateway = await mesh.start({ app, remotes: ['todos'], ...options })
    const todos = todosOf(gateway) as Newer
    const grow = async (service = NewerTodoService): Promise<void> => {
      await mesh.start({ services: [service] })
      await until(() => gateway.services()[0]?.events.includes('archived'))
    }
    return { gateway, app, todos, grow }
  }

  it('stays the same object with its hooks and listeners', async () => {
    const { gateway, todos, grow } = await growing()
    const hook = jest.fn()
    const heard: unknown[] = []
    todos.hooks({ before: { all: [hook], find: [hook] } })
    todos.hooks({ get: [async (_context: HookContext, next: NextFunction) => { hook(); await next() }] })
    todos.on('created', todo => heard.push((todo as Todo).title))
    await grow()
    expect(todosOf(gateway)).toBe(todos)
    await todos.find()
    expect(hook).toHaveBeenCalledTimes(2)
    await todos.get(1).catch(() => {})
    expect(hook).toHaveBeenCalledTimes(4)
    await todos.create({ title: 'one' })
    await until(() => heard.length > 0)
    expect(heard).toEqual(['one'])
  })

  it('runs all hooks around the new method, including those registered earlier', async () => {
    const order: string[] = []
    const option = { before: { archive: [() => { order.push('option') }] } }
    const { gateway, app, todos, grow } = await growing({ hooks: option })
    app.hooks({ before: { all: [() => { order.push('app') }] } })
    todos.hooks({
      before: { all: [({ service, path, method }: HookContext) => {
        order.push(`${service === todos ? 'service' : 'another'} ${path}.${method}`)
      }] },
      after: { archive: [(context: HookContext) => { context.result = `${context.result}!` }] }
    })
    await grow()
    expect(await todos.archive({ title: 'old' })).toBe('old!')
    expect(order).toEqual(['app', 'service todos.archive', 'option'])
    expect(Object.keys(getServiceOptions(app.service('todos')))).toContain('methods')
    expect(getServiceOptions(app.service('todos')).methods).toContain('archive')
    expect(gateway.services()[0]?.methods).toContain('archive')
  })

  it('emits the new event to earlier listeners, later listeners and channels', async () => {
    const { app, todos, grow } = await growing()
    const heard: unknown[] = []
    const published: unknown[] = []
    todos.publish(() => app.channel('everybody'))
    app.on('publish', (event, _channel, { path }, data) => published.push([event, path, data]))
    todos.on('archived', title => heard.push(`early ${title}`))
    await grow()
    todos.on('archived', title => heard.push(`late ${title}`))
    await todos.archive({ title: 'old' })
    await until(() => heard.length > 1 && published.length > 0)
    expect(heard).toEqual(['early old', 'late old'])
    expect(published).toEqual([['archived', 'todos', 'old']])
  })

  it('announces the change when it gains only an event', async () => {
    @Distributed({ path: 'todos', events: ['archived'] })
    class TellingTodoService extends TodoService {}
    const { gateway, app, todos, grow } = await growing()
    const announced: unknown[] = []
    const heard: unknown[] = []
    gateway.app.on('service', ({ path }) => announced.push(path))
    todos.on('archived', title => heard.push(title))
    await grow(TellingTodoService as typeof NewerTodoService)
    expect(announced).toEqual(['todos'])
    expect(getServiceOptions(app.service('todos')).events).toContain('archived')
    expect(() => app.service('todos').publish('archived', () => app.channel('everybody'))).not.toThrow()
  })
})

describe('the option `remoteServices`', () => {
  it.each([
    ['a list of paths', ['users']],
    ['a function', (service: { path: string }) => service.path === 'users']
  ])('keeps other services off the app when it is %s', async (_how, remoteServices) => {
    const app: Application = feathers()
    app.use('users', new MemoryService())
    await mesh.start({ app, services: [TodoService, 'users'] })
    const gateway = await mesh.start({ remotes: ['users'], remoteServices })
    expect(has(gateway, 'users')).toBe(true)
    expect(has(gateway)).toBe(false)
    expect(gateway.services().map(({ path }) => path)).toEqual(['users'])
    const error = await rejection(gateway.remote(TodoService).with({ timeout: 20 }).find())
    expect(error).toMatchObject({ name: 'Unavailable' })
  })
})
