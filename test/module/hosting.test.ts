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
  it.each([['decorated', TimeService], ['derived from one that is', LocalTimeService]])(
    'has its dependencies, its #private members and its state when it is %s', async (_how, service) => {
      const todos = await mesh.start({ services: [TodoService] })
      await todos.remote(TodoService).create({ title: 'one' })
      const host = await mesh.start({ services: [service], remotes: ['todos'] })
      const caller = await mesh.start({ remotes: ['times'] })
      expect(await caller.remote<TimeService>('times').find()).toEqual(['7 UTC', 'one'])
      expect(host.resolve(service).calls).toBe(1)
    })

  it('takes no list where its method declares one piece of data', async () => {
    const host = await mesh.start({ services: [TodoService] })
    const list = [{ title: 'one' }] as unknown as CreateTodo
    expect(await rejection(host.remote(TodoService).create(list))).toMatchObject({ name: 'BadRequest' })
  })

  it('is refused on a path where the app has a service, and the app can be tried again', async () => {
    const app = feathers().use('todos', new MemoryService())
    expect(() => mesh.node({ app, services: [TodoService] })).toThrow(
      "TodoService is on the path 'todos', where the app has a service already; give one of them another"
    )
    await app.unuse('todos')
    expect(mesh.node({ app, services: [TodoService] }).services()).toHaveLength(1)
  })
})

describe('paths in options', () => {
  it('may have slashes at their ends', async () => {
    await mesh.start({ services: [TodoService] })
    const gateway = await mesh.start({
      remotes: ['/api/todos/'], remoteServices: ['/todos/'], remoteServicePath: ({ path }) => `/api/${path}`
    })
    expect(await gateway.remote<TodoService>('api/todos').find()).toEqual([])
    expect(Object.keys(gateway.app.services as object)).toContain('api/todos')
  })
})

describe('a call after stop()', () => {
  it('fails at once', async () => {
    const caller = await mesh.start()
    await caller.stop()
    expect(await rejection(caller.remote<TodoService>('todos').find())).toMatchObject({
      name: 'Unavailable', message: 'todos.find(): this node has left the mesh', data: { outcome: 'not-sent' }
    })
  })
})
