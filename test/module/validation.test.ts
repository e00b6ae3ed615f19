import type { BadRequest } from '@feathersjs/errors'
import type { Params } from '@feathersjs/feathers'
import { Transform, Type } from 'class-transformer'
import { IsIn, IsInt, IsOptional, IsString, Length } from 'class-validator'
import { Distributed, DistributedMethod, type DistributedModule, type RemoteService } from 'feathers-mesh'
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

describe('the data of a method', () => {
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

  it('is refused for calls in the process as well', async () => {
    const { host } = await pair()
    await expect(host.remote(TodoService).create({ title: '' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(host.app.service('todos').create({})).rejects.toMatchObject({ name: 'BadRequest' })
  })

  it('is an instance of its class when the method receives it', async () => {
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

  it('is validated in the second argument of patch and update', async () => {
    const { host, consumer } = await pair()
    const things = consumer.remote(ThingService)
    await expect(things.patch(1, { name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(things.update(1, { name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    expect(await things.patch(1, { name: 'fits' })).toEqual({ name: 'fits' })
    expect(host.resolve(ThingService).seen).toEqual([{ name: 'fits' }])
  })

  it('is validated with the class that the options of the member or of the service name', async () => {
    const { host, consumer } = await pair()
    const things = consumer.remote(ThingService)
    await expect(things.create({ name: 'too long' })).rejects.toMatchObject({ name: 'BadRequest' })
    await expect(things.recount({ count: 1.5 })).rejects.toMatchObject({ errors: [{ path: 'count' }] })
    expect(host.resolve(ThingService).seen).toEqual([])
  })

  it('is passed unchecked when the options name Object', async () => {
    const { consumer } = await pair()
    expect(await consumer.remote(ThingService).anything({ name: 7 })).toEqual({ name: 7 })
  })

  it('is validated before the other hooks of the service run', async () => {
    const { host, consumer } = await pair()
    const hook = jest.fn()
    host.app.service('todos').hooks({ around: { create: [hook] }, before: { create: [hook] } })
    await rejection(consumer.remote(TodoService).create({ title: '' }))
    expect(hook).not.toHaveBeenCalled()
  })
})

class Query {
  @IsOptional({ always: true }) @IsInt({ always: true }) @Type(() => Number) limit?: number
  @IsOptional({ always: true }) @IsIn([true, false], { always: true })
  @Transform(({ value }) => value === 'true' ? true : value as unknown)
  done?: boolean
}

class Entry {
  @IsString({ always: true }) text!: string
  @IsString({ groups: ['strict'] }) code?: string
}

@Distributed({ path: 'entries', validation: { whitelist: true, forbidNonWhitelisted: true, groups: ['usual'] } })
class EntryService {
  readonly seen: unknown[][] = []
  @DistributedMethod({ query: Query }) async find (params?: Params): Promise<unknown> { return this.see(params?.query) }
  @DistributedMethod({ id: Number, query: Query })
  async get (id: number, params?: Params & { tenant?: string }): Promise<unknown> {
    return this.see(id, params?.query, params?.tenant ?? 'nobody')
  }

  @DistributedMethod() async create (data: Entry): Promise<unknown> { return this.see(data) }
  @DistributedMethod({ id: Number, validation: { forbidNonWhitelisted: false } })
  async patch (id: number, data: Entry): Promise<unknown> { return this.see(id, data) }

  @DistributedMethod({ validation: { groups: ['strict'] } })
  async check (data: Entry): Promise<unknown> { return this.see(data) }

  private see (...seen: unknown[]): unknown[] {
    this.seen.push(seen)
    return seen
  }
}

/** What was seen as plain data. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('the id and the query of a call', () => {
  it('are converted and validated as the options say', async () => {
    const host = await mesh.start({ services: [EntryService] })
    const consumer = await mesh.start({ remotes: [EntryService] })
    const entries = consumer.remote(EntryService)
    const params = { query: { limit: '5', done: 'true' } }
    expect(await entries.get('7' as unknown as number, params)).toEqual([7, { limit: 5, done: true }, 'nobody'])
    expect(await entries.find()).toEqual([{}])
    const [[, query], [empty]] = host.resolve(EntryService).seen
    expect(query).toBeInstanceOf(Query)
    expect(empty).toBeInstanceOf(Query)
    expect(Object.keys(empty as object)).toEqual([])

    const bad = { query: { limit: 'x', other: 1 } }
    expect(await rejection(entries.get('seven' as unknown as number, bad))).toMatchObject({
      name: 'BadRequest',
      errors: [
        { path: 'id', constraints: { isNumber: 'id must be a number' } },
        { path: 'query.other', constraints: { whitelistValidation: 'property other should not exist' } },
        { path: 'query.limit', constraints: { isInt: 'limit must be an integer number' } }
      ]
    })
    const all = entries.patch(null as unknown as number, { text: 'a' })
    expect(await rejection(all)).toMatchObject({ errors: [{ path: 'id' }] })
  })

  it('leave the params of a local caller unchanged', async () => {
    const host = await mesh.start({ services: [EntryService] })
    const params = { query: { limit: '5' }, tenant: 'a' }
    expect(plain(await host.app.service('entries').get('7', params))).toEqual([7, { limit: 5 }, 'a'])
    expect(params).toEqual({ query: { limit: '5' }, tenant: 'a' })
  })
})

describe('the options of class-validator', () => {
  it('apply first from the method, then from the class', async () => {
    const host = await mesh.start({ services: [EntryService] })
    const entries = host.remote(EntryService)
    const more = { text: 'a', admin: true } as Entry
    expect(await rejection(entries.create(more))).toMatchObject({ errors: [{ path: 'admin' }] })
    expect(plain(await entries.patch(1, more))).toEqual([1, { text: 'a' }])
    expect(await rejection(entries.check({} as Entry))).toMatchObject({ errors: [{ path: 'text' }, { path: 'code' }] })
  })

  it('apply from the node when neither the method nor the class has any', async () => {
    const host = await mesh.start({ services: [ThingService], validation: { whitelist: true } })
    const more = { name: 'fits', admin: true } as Rename
    expect(plain(await host.remote(ThingService).patch(1, more))).toEqual({ name: 'fits' })
    expect(() => mesh.node({ validation: { whiteList: true } as object }))
      .toThrow("forRoot: validation has no option 'whiteList'")
  })
})

describe('a caller with validateAtCaller', () => {
  it('refuses what the host would refuse, with the same error and without a request', async () => {
    const host = await mesh.start({ services: [EntryService] })
    const consumer = await mesh.start({ remotes: [EntryService], validateAtCaller: true })
    const calls = jest.fn()
    host.app.service('entries').hooks({ before: { create: [calls] } })
    const bad = { text: 7, admin: true } as unknown as Entry
    const ask = async (entries: RemoteService<EntryService>): Promise<unknown> => {
      const { name, message, code, className, errors } = await rejection<BadRequest>(entries.create(bad))
      return { name, message, code, className, errors }
    }
    // With nobody to ask the error is the same.
    const alone = await mesh.start({ validateAtCaller: true, waitForService: false })
    const refused = await ask(alone.remote(EntryService))
    expect(refused).toMatchObject({ name: 'BadRequest', errors: [{ path: 'admin' }, { path: 'text' }] })
    expect(await ask(consumer.remote(EntryService))).toEqual(refused)
    expect(await ask(consumer.remote<EntryService>('entries'))).toEqual(refused)
    expect(await ask(host.remote(EntryService))).toEqual(refused)
    expect(calls).not.toHaveBeenCalled()
  })

  it('sends valid data unchanged, and the host converts it', async () => {
    await mesh.start({ services: [EntryService] })
    const consumer = await mesh.start({ remotes: [EntryService], validateAtCaller: true })
    expect(await consumer.remote(EntryService).get('7' as unknown as number, { query: { done: 'true' } }))
      .toEqual([7, { done: true }, 'nobody'])
  })
})

describe('a class whose data has a type that is not a class', () => {
  it('causes a warning when it is hosted', () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    @Distributed('loose')
    class LooseService {
      @DistributedMethod() async create (data: { a: number }): Promise<number> { return data.a }
    }
    mesh.node({ services: [LooseService] })
    const told = expect.stringContaining('LooseService: the data of create is not validated')
    expect(warnings.mock.calls).toEqual([[told, { code: 'FEATHERS_MESH_UNCHECKED' }]])
    warnings.mockRestore()
  })
})
