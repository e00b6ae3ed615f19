/* All that compiles, with the types that it has. Nothing here runs. */
import { EventEmitter } from 'node:events'
import { feathers } from '@feathersjs/feathers'
import type { Paginated, Params, ServiceInterface } from '@feathersjs/feathers'
import type { MemoryService } from '@feathersjs/memory'
import {
  Distributed, DistributedEvent, DistributedMethod, DistributedModule, InjectRemote, OnRemoteEvent, remoteToken
} from 'feathers-mesh'
import type {
  DistributedModuleOptions, EventGap, EventName, EventPayload, RemoteEventContext, RemoteService, ServiceEvent
} from 'feathers-mesh'
import { container, inject, injectable } from 'tsyringe'
import type { Same } from './same'
import { TodoService, type CreateTodo, type Todo } from './todo-service'

/** Compiles when the type of a value is exactly the one asked for. */
declare function is<Expected> (): <Actual>(value: Actual, same: Same<Actual, Expected>) => void
declare function same<A, B> (same: Same<A, B>): void

export async function callsHaveTheTypesOfTheMethods (todos: RemoteService<TodoService>): Promise<void> {
  is<Todo[]>()(await todos.find({ query: { done: false } }), true)
  is<Todo>()(await todos.get(1), true)
  is<Todo>()(await todos.create({ title: 'Buy milk' }), true)
  is<Todo>()(await todos.patch(1, { done: true }, {}), true)
  is<Todo>()(await todos.complete({ id: 1 }), true)
  is<Promise<number>>()(todos.count({}), true)
  same<Parameters<typeof todos.create>, [data: CreateTodo, params?: Params]>(true)
}

export function remotesHavePublicMethodsOnly (): void {
  same<
    Exclude<keyof RemoteService<TodoService>, 'on' | 'once' | 'off' | 'with'>,
    'find' | 'get' | 'create' | 'patch' | 'complete' | 'count'
  >(true)
}

export function eventsHaveTheTypesOfTheirPayloads (todos: RemoteService<TodoService>): void {
  same<EventName<TodoService>, 'completed' | 'counted' | 'created' | 'patched'>(true)
  same<EventPayload<TodoService, 'counted'>, number>(true)
  const counted = (count: number): void => { is<number>()(count, true) }
  todos
    .on('completed', (todo, context) => {
      is<Todo>()(todo, true)
      is<RemoteEventContext>()(context, true)
      is<string>()(context.path, true)
    })
    .once('created', todo => is<Todo>()(todo, true))
    .on('patched', todo => is<Todo>()(todo, true))
    .on('counted', counted)
    .off('counted', counted)
    .on('completed', () => {})
}

export function gapsCanBeListenedTo (todos: RemoteService<TodoService>, unknown: RemoteService<unknown>): void {
  const onGap = (gap: EventGap): void => { is<EventGap>()(gap, true) }
  todos.on('gap', onGap).once('gap', gap => is<EventGap>()(gap, true)).off('gap', onGap)
  unknown.on('gap', onGap)
}

export function listenersHaveGroups (todos: RemoteService<TodoService>): void {
  todos.on('completed', todo => is<Todo>()(todo, true), { group: 'billing' }).on('counted', () => {}, {})
}

@injectable()
export class Billing {
  @OnRemoteEvent(TodoService, 'completed', { group: 'billing' })
  async bill (todo: Todo, context: RemoteEventContext): Promise<void> { console.log(todo, context) }

  @OnRemoteEvent(TodoService, 'counted', { payload: TodoService })
  @OnRemoteEvent<TodoService>('todos', 'counted')
  @OnRemoteEvent<TodoService, 'counted'>('todos', 'counted', { group: 'counts' })
  count (count: number): void { console.log(count) }

  @OnRemoteEvent(TodoService, 'gap')
  @OnRemoteEvent<TodoService>('todos', 'gap')
  onGap ({ missed }: EventGap): void { console.log(missed) }

  @OnRemoteEvent(TodoService, 'created')
  wake (): void {}
}

export const listenersAreClasses: DistributedModuleOptions = { listeners: [Billing] }

export async function optionsOfCallsGiveTheSameRemote (todos: RemoteService<TodoService>): Promise<void> {
  is<RemoteService<TodoService>>()(todos.with({ timeout: 500, signal: AbortSignal.abort(), node: 'an id' }), true)
  is<Todo[]>()(await todos.with({}).with({ timeout: 500 }).find(), true)
}

@injectable()
export class Dashboard {
  constructor (
    @InjectRemote('todos') readonly byPath: RemoteService<TodoService>,
    @InjectRemote(TodoService) readonly byClass: RemoteService<TodoService>,
    @inject(remoteToken('todos')) readonly byToken: RemoteService<TodoService>
  ) {}
}

export function remotesAreTypedByClassOrByName (mesh: DistributedModule): void {
  is<RemoteService<TodoService>>()(mesh.remote(TodoService), true)
  is<RemoteService<TodoService>>()(mesh.remote<TodoService>('todos'), true)
  is<RemoteService<TodoService>>()(container.resolve(remoteToken(TodoService)), true)
  is<RemoteService<TodoService>>()(container.resolve(remoteToken<TodoService>('todos')), true)
  is<Dashboard>()(mesh.resolve(Dashboard), true)
  // Of a path alone nothing is known.
  same<EventName<unknown>, never>(true)
  is<RemoteService<unknown>>()(mesh.remote('todos'), true)
}

interface Fake {
  find (): Promise<string[]>
}

export async function interfacesAreAsGoodAsClasses (mesh: DistributedModule): Promise<void> {
  is<string[]>()(await mesh.remote<Fake>('fakes').find(), true)
}

abstract class Repository<T> {
  abstract readonly changed: ServiceEvent<T>
  abstract find (params?: Params): Promise<T[]>
  abstract create (data: Partial<T>): Promise<T>
}

export async function genericAndAbstractClassesKeepTheirTypes (mesh: DistributedModule): Promise<void> {
  const todos = mesh.remote<Repository<Todo>>('todos')
  is<Todo[]>()(await todos.find(), true)
  todos.on('changed', todo => is<Todo>()(todo, true)).on('created', todo => is<Todo>()(todo, true))
  is<RemoteService<Repository<Todo>>>()(mesh.remote(Repository<Todo>), true)
}

class Overloaded {
  async create (data: CreateTodo[], params?: Params): Promise<Todo[]>
  async create (data: CreateTodo, params?: Params): Promise<Todo>
  async create (data: CreateTodo | CreateTodo[]): Promise<Todo | Todo[]> {
    return [data].flat().map(({ title }, id) => ({ id, title, done: false }))
  }

  async echo<T> (data: T): Promise<T> {
    return data
  }
}

export async function overloadsAndTypeParametersStay (todos: RemoteService<Overloaded>): Promise<void> {
  is<Todo>()(await todos.create({ title: 'Buy milk' }), true)
  is<Todo[]>()(await todos.create([{ title: 'Buy milk' }]), true)
  is<string[]>()(await todos.echo(['x']), true)
  todos.on('created', todo => is<Todo>()(todo, true))
}

export async function databaseAdaptersAreServices (todos: RemoteService<MemoryService<Todo>>): Promise<void> {
  is<Paginated<Todo>>()(await todos.find(), true)
  is<Todo>()(await todos.get(1), true)
  is<Todo>()(await todos.create({ title: 'Buy milk' }), true)
  is<Todo[]>()(await todos.create([{ title: 'Buy milk' }]), true)
  is<Todo>()(await todos.remove(1), true)
  is<Todo[]>()(await todos.remove(null), true)
  todos.on('created', todo => is<Todo>()(todo, true)).on('removed', todo => is<Todo>()(todo, true))
}

export async function optionalMethodsCanBeCalled (todos: RemoteService<ServiceInterface<Todo>>): Promise<void> {
  is<Todo>()(await todos.get(1), true)
  todos.on('created', todo => is<Todo>()(todo, true))
}

class Note {
  text!: string
  get title (): string { return this.text }
}

class NoteQuery {
  limit?: number
}

@Distributed({ path: 'notes', version: '1.2.0', validation: { whitelist: true, groups: ['usual'] } })
class NoteService {
  @DistributedMethod({ query: NoteQuery, result: Note })
  async find (_params?: Params<NoteQuery>): Promise<Note[]> { return [] }

  @DistributedMethod({ id: Number, result: Note, validation: { forbidNonWhitelisted: true } })
  async get (_id: number): Promise<Note> { return new Note() }

  @DistributedEvent({ payload: Note }) readonly written!: ServiceEvent<Note>
}

export async function remotesOfClassesHaveTheSameTypes (mesh: DistributedModule): Promise<void> {
  const notes = mesh.remote(NoteService)
  is<RemoteService<NoteService>>()(notes, true)
  is<string>()((await notes.get(1)).title, true)
  is<Note[]>()(await notes.find({ query: { limit: 1 } }), true)
  notes.on('written', note => is<Note>()(note, true))
}

export async function everyOptionHasItsType (): Promise<void> {
  const mesh = DistributedModule.forRoot({
    app: feathers(),
    container: container.createChildContainer(),
    services: [TodoService, 'users'],
    remotes: [TodoService, 'users'],
    remoteServices: ({ path, key, methods }) => path !== key && methods.length > 0,
    remoteServicePath: ({ path }) => `remote/${path}`,
    key: 'blue',
    timeout: 1_000,
    drainTimeout: 1_000,
    validation: { whitelist: true },
    validateAtCaller: true,
    strictContracts: true,
    cote: { basePort: 9_000, highestPort: 9_010, environment: 'test' }
  })
  await mesh.start()
  is<string[]>()(mesh.nodes().map(({ id }) => id), true)
  is<boolean[]>()(mesh.services().map(({ local }) => local), true)
  await mesh.stop()
}

class Emitting {
  readonly emitter = new EventEmitter()
  readonly optional?: ServiceEvent<Todo>
  async find (): Promise<string[]> { return [] }
}

export function onlyServiceEventsAreEvents (): void {
  same<EventName<Emitting>, 'optional'>(true)
  same<EventPayload<Emitting, 'optional'>, Todo>(true)
}
