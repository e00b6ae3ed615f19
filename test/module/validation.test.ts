import { IsInt, IsString, Length } from 'class-validator'
import { Distributed, DistributedMethod, type DistributedModule } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'
import { CreateTodo, TodoService } from '../todo-service'
import { rejection } from '../until'

const mesh = memoryMesh()

class Rename {
  @IsString() @Length(1, 5) name!: string
}

class Count {
  @IsInt() count!: number
}

@Distributed({ path: 'things', methods: { recount: { data: Count } } })
class ThingService {
  readonly seen: unknown[] = []
  @DistributedMethod() async patch (_id: number, data: Rename): Promise<unknown> { return this.see(data) }
  @DistributedMethod() async update (_id: number, data: Rename): Promise<unknown> { return this.see(data) }
  /** The compiler knows no class for this type. */
  @DistributedMethod({ data: Rename }) async create (data: { name: string }): Promise<unknown> { return this.see(data) }
  @DistributedMethod({ data: Object }) async anything (data: unknown): Promise<unknown> { return this.see(data) }
  async recount (data: { count: number }): Promise<unknown> { return this.see(data) }

  private see (data: unknown): unknown {
    this.seen.push(data)
    return data
  }
}

async function pair (): Promise<{ host: DistributedModule, consumer: DistributedModule }> {
  const host = await mesh.start({ services: [TodoService, ThingService] })
  return { host, consumer: await mesh.start({ remotes: [TodoService, ThingService] }) }
}

describe('data of a method', () => {
  it('is refused with BadRequest and the details of class-validator before the method runs', async () => {
    const { host, consumer } = await pair()
    const error = await rejection(consumer.remote(TodoService).create({ title: '' }))
    expect(error).toMatchObject({
      name: 'BadRequest',
      code: 400,
      className: 'bad-request',
      errors: [{ path: 'title', constraints: { isLength: 'title must be longer than or equal to 1 characters' } }]
    })
    expect(error.message).toBe('todos.create(): title must be longer than or equal to 1 characters')
    expect(host.resolve(TodoService).params).toEqual([])
  })

  it('is refused in the process as well', async () => {
    const { host } = await pair()
    await expect(host.remote(TodoService).create({ title: '' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(host.app.service('todos').create({})).rejects.toMatchObject({ name: 'BadRequest' })
  })

  it('is an instance of its class when the method gets it', async () => {
    const seen: unknown[] = []
    @Distributed('typed')
    class TypedService {
      @DistributedMethod()
      async create (data: CreateTodo): Promise<boolean> {
        seen.push(data)
        return true
      }
    }
    await mesh.start({ services: [TypedService] })
    const consumer = await mesh.start({ remotes: [TypedService] })
    await consumer.remote(TypedService).create({ title: 'ok' })
    expect(seen[0]).toBeInstanceOf(CreateTodo)
  })

  it('is looked at where patch and update have it', async () => {
    const { host, consumer } = await pair()
    const things = consumer.remote(ThingService)
    await expect(things.patch(1, { name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(things.update(1, { name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    expect(await things.patch(1, { name: 'fits' })).toEqual({ name: 'fits' })
    expect(host.resolve(ThingService).seen).toEqual([{ name: 'fits' }])
  })

  it('is checked by the class that the options name, at the member or at the class', async () => {
    const { host, consumer } = await pair()
    const things = consumer.remote(ThingService)
    await expect(things.create({ name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(things.recount({ count: 1.5 })).rejects.toMatchObject({ errors: [{ path: 'count' }] })
    expect(host.resolve(ThingService).seen).toEqual([])
  })

  it('is let through unchecked where the options say Object', async () => {
    const { consumer } = await pair()
    expect(await consumer.remote(ThingService).anything({ name: 7 })).toEqual({ name: 7 })
  })

  it('is checked before the other hooks of the service', async () => {
    const { host, consumer } = await pair()
    const hook = jest.fn()
    host.app.service('todos').hooks({ around: { create: [hook] }, before: { create: [hook] } })
    await rejection(consumer.remote(TodoService).create({ title: '' }))
    expect(hook).not.toHaveBeenCalled()
  })
})
