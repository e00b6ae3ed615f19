import { feathers } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import { Distributed, DistributedMethod, InjectRemote, type RemoteService } from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { memoryMesh } from '../memory-mesh'
import { CreateTodo, TodoService } from '../todo-service'
import { rejection } from '../until'

const mesh = memoryMesh()

@injectable()
class Clock {
  readonly now = 7
}

@Distributed('times')
class TimeService {
  readonly #zone = 'UTC'
  calls = 0

  constructor (readonly clock: Clock, @InjectRemote('todos') readonly todos: RemoteService<TodoService>) {}

  @DistributedMethod() async find (): Promise<string[]> {
    this.calls++
    return [`${this.clock.now} ${this.#zone}`, ...(await this.todos.find()).map(({ title }) => title)]
  }
}

/** Has neither a decorator nor a constructor of its own. */
class LocalTimeService extends TimeService {}

describe('a hosted class', () => {
  it.each([['decorated', TimeService], ['derived from a decorated class', LocalTimeService]])(
    'has its dependencies, #private members and state when it is %s', async (_how, service) => {
      const todos = await mesh.start({ services: [TodoService] })
      await todos.remote(TodoService).create({ title: 'one' })
      const host = await mesh.start({ services: [service], remotes: ['todos'] })
      const caller = await mesh.start({ remotes: ['times'] })
      expect(await caller.remote<TimeService>('times').find()).toEqual(['7 UTC', 'one'])
      expect(host.resolve(service).calls).toBe(1)
    })

  it('refuses a list when its method declares a single object as data', async () => {
    const host = await mesh.start({ services: [TodoService] })
    const list = [{ title: 'one' }] as unknown as CreateTodo
    expect(await rejection(host.remote(TodoService).create(list))).toMatchObject({ name: 'BadRequest' })
  })

  it('is refused when the app has a service on its path, and the app stays usable', async () => {
    const app = feathers().use('todos', new MemoryService())
    expect(() => mesh.node({ app, services: [TodoService] })).toThrow(
      "TodoService is on the path 'todos', where the app has a service already; give one of them another"
    )
    await app.unuse('todos')
    expect(mesh.node({ app, services: [TodoService] }).services()).toHaveLength(1)
  })
})

describe('a path in the options', () => {
  it('may start and end with slashes', async () => {
    await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({
      remotes: ['/api/todos/'], remoteServices: ['/todos/'], remoteServicePath: ({ path }) => `/api/${path}`
    })
    expect(await gateway.remote<TodoService>('api/todos').find()).toEqual([])
    expect(Object.keys(gateway.app.services as object)).toContain('api/todos')
  })
})

describe('a call after stop()', () => {
  it('fails immediately with Unavailable', async () => {
    const caller = await mesh.start()
    await caller.stop()
    expect(await rejection(caller.remote<TodoService>('todos').find())).toMatchObject({
      name: 'Unavailable', message: 'todos.find(): this node has left the mesh', data: { outcome: 'not-sent' }
    })
  })
})
