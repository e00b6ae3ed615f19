import { Transform, Type } from 'class-transformer'
import { IsInt } from 'class-validator'
import {
  Distributed, DistributedEvent, DistributedMethod, InjectRemote, remoteToken, type RemoteService, type ServiceEvent
} from 'feathers-mesh'
import { injectable } from 'tsyringe'
import { memoryMesh } from '../memory-mesh'
import { rejection, until } from '../until'

const mesh = memoryMesh()

class Person {
  name!: string
}

class Task {
  id!: number
  title!: string
  @Type(() => Person) owner?: Person
  get label (): string { return `${this.id} ${this.title}` }
}

class TaskId {
  @IsInt() id!: number
}

/** Has no rules, and still becomes an instance. */
class Draft {
  @Type(() => Person) owner?: Person
  title!: string
}

@Distributed('tasks')
class TaskService {
  readonly seen: unknown[] = []
  paged = false

  @DistributedMethod({ result: Task }) async find (): Promise<unknown> {
    const data = [this.task(1), this.task(2)]
    return this.paged ? { total: 2, limit: 10, skip: 0, data } : data
  }

  @DistributedMethod({ result: Task }) async get (id: number): Promise<Task> { return this.task(id) }
  @DistributedMethod({ result: Task }) async create (data: Draft): Promise<Task> {
    this.seen.push(data)
    return this.task(7)
  }

  /** Its declared return type says the class. */
  @DistributedMethod() first (data: TaskId): Task { return this.task(data.id) }
  @DistributedMethod() async plain (data: TaskId): Promise<Task> { return this.task(data.id) }
  @DistributedMethod({ result: Task }) async none (_data: TaskId): Promise<null> { return null }
  @DistributedMethod() async tell (data: TaskId): Promise<void> {
    this.done.emit(this.task(data.id))
    this.every.emit([this.task(data.id)])
    this.told.emit(this.task(data.id))
  }

  @DistributedEvent({ payload: Task }) readonly done!: ServiceEvent<Task>
  @DistributedEvent({ payload: Task }) readonly every!: ServiceEvent<Task[]>
  @DistributedEvent() readonly told!: ServiceEvent<Task>

  /** As a database gives it. */
  private task (id: number): Task {
    return { id, title: 'Buy milk', owner: { name: 'ann' } } as Task
  }
}

@injectable()
class Dashboard {
  constructor (
    @InjectRemote(TaskService) readonly byClass: RemoteService<TaskService>,
    @InjectRemote('tasks') readonly byPath: RemoteService<TaskService>
  ) {}
}

describe('the result of a method that declares its class', () => {
  it('is an instance, nested ones included, for callers that have the class of the service', async () => {
    await mesh.start({ services: [TaskService] })
    const tasks = (await mesh.start({ remotes: [TaskService] })).remote(TaskService)
    const task = await tasks.get(1)
    expect(task).toBeInstanceOf(Task)
    expect(task.label).toBe('1 Buy milk')
    expect(task.owner).toBeInstanceOf(Person)
    expect(await tasks.first({ id: 3 })).toBeInstanceOf(Task)
    expect(await tasks.with({ timeout: 1_000 }).get(1)).toBeInstanceOf(Task)
    expect(await tasks.none({ id: 3 })).toBeNull()
  })

  it('is plain when no class is declared or the caller only has the path', async () => {
    await mesh.start({ services: [TaskService] })
    const caller = await mesh.start({ remotes: [TaskService] })
    expect(await caller.remote(TaskService).plain({ id: 3 })).not.toBeInstanceOf(Task)
    expect(await caller.remote<TaskService>('tasks').get(1)).not.toBeInstanceOf(Task)
    expect(await caller.app.service('tasks').get(1)).not.toBeInstanceOf(Task)
  })

  it('contains instances when it is a list or a page', async () => {
    const host = await mesh.start({ services: [TaskService] })
    const tasks = (await mesh.start({ remotes: [TaskService] })).remote(TaskService)
    expect((await tasks.find() as Task[]).map(({ label }) => label)).toEqual(['1 Buy milk', '2 Buy milk'])
    host.resolve(TaskService).paged = true
    const page = await tasks.find() as { total: number, data: Task[] }
    expect(page.total).toBe(2)
    expect(page.data.map(({ label }) => label)).toEqual(['1 Buy milk', '2 Buy milk'])
  })

  it('is an instance in the process of the service as well', async () => {
    const host = await mesh.start({ services: [TaskService] })
    expect(await host.remote(TaskService).get(1)).toBeInstanceOf(Task)
  })

  it('is an instance for a remote injected by class, and plain for one injected by path or token', async () => {
    await mesh.start({ services: [TaskService] })
    const caller = await mesh.start({ remotes: ['tasks'] })
    const { byClass, byPath } = caller.resolve(Dashboard)
    expect(byClass).toBe(caller.remote(TaskService))
    expect(byPath).toBe(caller.remote('tasks'))
    expect(await byClass.get(1)).toBeInstanceOf(Task)
    expect(await byPath.get(1)).not.toBeInstanceOf(Task)
    expect(caller.resolve(remoteToken(TaskService))).toBe(byPath)
  })

  it('is passed through unchanged when a test registers a fake for the remote', () => {
    const node = mesh.node()
    const fake = { get: async () => 'fake' } as unknown as RemoteService<TaskService>
    node.container.register(remoteToken<TaskService>('tasks'), { useValue: fake })
    const { byClass, byPath } = node.resolve(Dashboard)
    expect([byClass, byPath]).toEqual([fake, fake])
  })
})

describe('the payload of an event that declares its class', () => {
  it('is an instance or a list of instances for listeners that have the class of the service', async () => {
    await mesh.start({ services: [TaskService] })
    const caller = await mesh.start({ remotes: [TaskService] })
    const heard: Record<string, unknown[]> = {}
    const tasks = caller.remote(TaskService)
    const note = (name: string) => (payload: unknown): void => { (heard[name] ??= []).push(payload) }
    tasks.on('done', note('done')).on('every', note('every')).on('told', note('told')).on('created', note('created'))
    tasks.once('done', note('once'))
    caller.remote<TaskService>('tasks').on('done', note('plain'))
    await tasks.tell({ id: 4 })
    await tasks.create({ title: 'Buy milk' })
    await until('all of them', () => heard.created?.length === 1 && heard.told?.length === 1)
    for (const name of ['done', 'once', 'created']) expect(heard[name]).toEqual([expect.any(Task)])
    expect(heard.every).toEqual([[expect.any(Task)]])
    for (const name of ['plain', 'told']) expect(heard[name][0]).not.toBeInstanceOf(Task)
  })

  it('is no longer passed to a listener that was removed', async () => {
    await mesh.start({ services: [TaskService] })
    const tasks = (await mesh.start({ remotes: [TaskService] })).remote(TaskService)
    const off = jest.fn()
    const on = jest.fn()
    tasks.on('done', off).on('done', on).off('done', off)
    await tasks.tell({ id: 4 })
    await until('the other one', () => on.mock.calls.length > 0)
    expect(off).not.toHaveBeenCalled()
  })
})

describe('the data of a call', () => {
  it('is an instance of its class when the method receives it, even if the class has no rules', async () => {
    const host = await mesh.start({ services: [TaskService] })
    const tasks = (await mesh.start({ remotes: ['tasks'] })).remote<TaskService>('tasks')
    await tasks.create({ title: 'Buy milk', owner: { name: 'ann' } })
    const [draft] = host.resolve(TaskService).seen as Draft[]
    expect(draft).toBeInstanceOf(Draft)
    expect(draft?.owner).toBeInstanceOf(Person)
    expect({ ...draft }).toEqual({ title: 'Buy milk', owner: { name: 'ann' } })
    expect(await rejection(tasks.create('text' as unknown as Draft))).toMatchObject({ name: 'BadRequest' })
  })
})

describe('a value that cannot become an instance', () => {
  class Upper {
    @Transform(({ value }: { value: string }) => value.toUpperCase()) text!: string
  }

  @Distributed('uppers')
  class UpperService {
    @DistributedMethod({ result: Upper }) async get (id: number | string): Promise<unknown> { return { text: id } }
    @DistributedMethod({ data: Object }) async tell (data: Upper): Promise<void> { this.changed.emit(data) }
    @DistributedEvent({ payload: Upper }) readonly changed!: ServiceEvent<Upper>
  }

  it('fails the call that it belongs to, and no other', async () => {
    await mesh.start({ services: [UpperService] })
    const uppers = (await mesh.start({ remotes: [UpperService] })).remote(UpperService)
    expect(await rejection(uppers.get(7))).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/^the result of uppers\.get\(\) can't be made a Upper: .*toUpperCase/)
    })
    expect(await uppers.get('a')).toEqual({ text: 'A' })
  })

  it('is not passed to the listeners of an event, and causes a warning', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await mesh.start({ services: [UpperService] })
    const uppers = (await mesh.start({ remotes: [UpperService] })).remote(UpperService)
    const heard: unknown[] = []
    uppers.on('changed', payload => heard.push(payload))
    await uppers.tell({ text: 7 } as unknown as Upper)
    await uppers.tell({ text: 'b' })
    await until('the second one', () => heard.length > 0)
    expect(heard).toEqual([{ text: 'B' }])
    expect(warnings.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(/^the payload of 'changed' of 'uppers' can't be made a Upper: .*; this listener does not hear it$/)
    ])
    warnings.mockRestore()
  })
})
