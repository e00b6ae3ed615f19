import { feathers, type Application, type HookContext, type HookOptions, type Service } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { idOf, memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { rejection, until } from '../../until'

const mesh = memoryMesh()

interface Users {
  find (): Promise<unknown>
  get (id: number): Promise<unknown>
  create (data: object): Promise<{ id: number }>
  remove (id: number): Promise<unknown>
  greet (data: { name: string }): Promise<string>
}

const greeter = { find: async () => ['ann'], greet: async ({ name }: { name: string }) => `hello ${name}` }

describe('plain services of the app', () => {
  it('are offered with their methods and events when they were registered before the mesh', async () => {
    const app = feathers()
    app.use('users', new MemoryService())
    await mesh.start({ app })
    const consumer = await mesh.start({ remotes: ['users'] })
    const users = consumer.remote<Users>('users')
    const { id } = await users.create({ name: 'ann' })
    expect(await users.find()).toEqual([{ id, name: 'ann' }])
    expect(await users.remove(id)).toEqual({ id, name: 'ann' })
    expect(consumer.services()[0]).toMatchObject({
      methods: ['find', 'get', 'create', 'update', 'patch', 'remove'],
      events: ['created', 'updated', 'patched', 'removed']
    })
  })

  it('are offered with their custom methods, which run with hooks', async () => {
    const app: Application = feathers()
    app.use('greeter', greeter, { methods: ['find', 'greet'] })
    const loud = (context: HookContext): void => { context.result = `${context.result}!` }
    app.service('greeter').hooks({ after: { greet: [loud] } } as HookOptions<Application, Service>)
    await mesh.start({ app })
    const consumer = await mesh.start({ remotes: ['greeter'] })
    expect(await consumer.remote<Users>('greeter').greet({ name: 'ann' })).toBe('hello ann!')
  })

  it('are limited by distributedMethods and distributedEvents in their options or on the service', async () => {
    const app: Application = feathers()
    app.use(
      'by-options', new MemoryService(), { distributedMethods: ['find'], distributedEvents: ['created'] }
    )
    app.use('by-themselves', new MemoryService({ distributedMethods: ['get'], distributedEvents: [] } as object))
    await mesh.start({ app })
    const consumer = await mesh.start({ remotes: ['by-options', 'by-themselves'] })
    expect(consumer.services()).toEqual([
      expect.objectContaining({ path: 'by-options', methods: ['find'], events: ['created'] }),
      expect.objectContaining({ path: 'by-themselves', methods: ['get'], events: [] })
    ])
    expect(await rejection(consumer.remote<Users>('by-options').get(1))).toMatchObject({ name: 'MethodNotAllowed' })
  })

  it('do not offer a method that only distributedMethods names, as it would run without hooks', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const app: Application = feathers()
    app.use('greeter', greeter, { methods: ['find'], distributedMethods: ['find', 'greet', 'missing'] })
    await mesh.start({ app })
    const warnings = warned.mock.calls.map(([message]) => message)
    warned.mockRestore()
    expect(warnings).toEqual(["'greeter': distributedMethods names greet, missing, which Feathers does not know as " +
      "methods of the service, so they are not offered; name them in the 'methods' of app.use() as well"])
    const consumer = await mesh.start({ remotes: ['greeter'] })
    expect(consumer.services()[0]?.methods).toEqual(['find'])
  })

  it('are offered from app.use until app.unuse', async () => {
    const host = await mesh.start()
    const consumer = await mesh.start()
    host.app.use('users', new MemoryService())
    await until(() => consumer.services().length === 1)
    expect(await consumer.remote<Users>('users').find()).toEqual([])

    await host.app.unuse('users')
    await until(() => consumer.services().length === 0)
    const error = await rejection(consumer.remote<Users>('users').with({ timeout: 20 }).find())
    expect(error).toMatchObject({ name: 'Unavailable', data: { outcome: 'not-sent' } })

    host.app.use('users', new MemoryService())
    expect(await consumer.remote<Users>('users').find()).toEqual([])
  })

  it('are offered without the slashes around their path', async () => {
    const host = await mesh.start()
    host.app.use('/users/', new MemoryService())
    const consumer = await mesh.start({ remotes: ['users'] })
    expect(consumer.services()[0]?.path).toBe('users')
    await host.app.unuse('/users/')
    await until(() => consumer.services().length === 0)
  })

  it('are offered under the path of their sub-app', async () => {
    const host = await mesh.start()
    const api: Application = feathers()
    api.use('users', new MemoryService())
    host.app.use('api', api as never)
    const consumer = await mesh.start({ remotes: ['api/users'] })
    expect(await consumer.remote<Users>('api/users').find()).toEqual([])
  })

  it('are offered as the new service when one replaces another', async () => {
    const app: Application = feathers()
    app.use('users', new MemoryService())
    const host = await mesh.start({ app })
    const consumer = await mesh.start({ remotes: ['users'] })
    host.app.use('users', greeter, { methods: ['greet'] })
    await until(() => consumer.services()[0]?.methods.join() === 'greet')

    // One that offers nothing leaves nothing of the one before.
    host.app.use('users', new MemoryService(), { distributedMethods: [] })
    await until(() => consumer.services().length === 0)
    expect(host.services()).toEqual([])
  })

  it('are not offered when they have no callable method', async () => {
    const host = await mesh.start()
    host.app.use('jobs', { setup: async () => {} } as object)
    expect(host.services()).toEqual([])
  })

  it('are not offered a second time by a node that only calls them', async () => {
    await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({ remotes: ['todos'] })
    const third = await mesh.start()
    expect(gateway.app.service('todos')).toBeDefined()
    expect(third.nodes().find(({ id }) => id === idOf(gateway))?.services).toEqual([])
  })
})
