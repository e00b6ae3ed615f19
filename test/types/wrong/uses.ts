/*
 * Each statement below a line like `// TS2339 a misspelt method` is a mistake that the compiler must refuse with that
 * error, in the line that follows. The test compiles this file; everything else leaves it out.
 */
import { feathers } from '@feathersjs/feathers'
import {
  DistributedEvent, DistributedMethod, DistributedModule, InjectRemote, OnRemoteEvent, remoteToken
} from 'feathers-mesh'
import type { EventGap, RemoteMethods, RemoteService, ServiceEvent } from 'feathers-mesh'
import { container } from 'tsyringe'
import { TodoService, type Todo } from '../todo-service'

declare const todos: RemoteService<TodoService>
declare const mesh: DistributedModule
declare const service: TodoService

export async function calls (): Promise<void> {
  // TS2339 a misspelt method
  await todos.fnid()
  // TS2551 a misspelt custom method
  await todos.compelte({ id: 1 })
  // TS2339 a method that the service doesn't have
  await todos.update(1, { title: 'Buy milk' })
  // TS2339 a private method
  await todos.secret()
  // TS2339 a protected method
  await todos.guarded()
  // TS2345 an argument of the wrong type
  await todos.get('1')
  // TS2322 data with a field of the wrong type
  await todos.create({ title: 1 })
  // TS2353 data with an unknown field
  await todos.complete({ id: 1, title: 'Buy milk' })
  // TS2345 data without a field
  await todos.create({})
  // TS2554 a missing argument
  await todos.create()
  // TS2554 an argument too many
  await todos.find({}, {})
  // TS2561 a misspelt field of params
  await todos.find({ qurey: {} })
}

export async function results (): Promise<void> {
  // TS2339 a result that is not awaited
  todos.find().length
  // TS2365 a result that is not awaited, of a method that is not async
  todos.count({}) + 1
  // TS2740 a result that is not awaited, in place of the value
  const pending: Todo[] = todos.find()
  // TS2551 a misspelt field of a result
  const title: string = (await todos.get(1)).titel
  // TS2322 a result in place of another type
  const done: string = (await todos.complete({ id: 1 })).done
  console.log(pending, title, done)
}

export function events (): void {
  // TS2345 a wrong event name
  todos.on('compelted', () => {})
  // TS2345 an event of a method that the service doesn't have
  todos.on('removed', () => {})
  // TS2345 a method in place of an event
  todos.once('find', () => {})
  // TS2345 a listener for another payload
  todos.on('completed', (count: number) => console.log(count))
  // TS2345 a listener for another payload than a gap
  todos.on('gap', (todo: Todo) => console.log(todo))
  // TS2551 a misspelt field of a payload
  todos.on('completed', todo => console.log(todo.titel))
  // TS2551 a misspelt field of a payload that create gives
  todos.on('created', todo => console.log(todo.titel))
  // TS2551 emitting from the outside
  todos.completed.emit({ id: 1, title: '', done: true })
  // TS2345 emitting a wrong payload
  service.completed.emit('done')
  // TS2561 emitting a payload with a misspelt field
  service.completed.emit({ id: 1, titel: '', done: true })
  // TS2554 emitting without a payload
  service.counted.emit()
}

export function optionsOfCalls (): void {
  // TS2561 a misspelt option of a call
  todos.with({ tiemout: 500 })
  // TS2322 an option of a call with the wrong type
  todos.with({ timeout: '500 ms' })
  // TS2554 no options at all
  todos.with()
}

export class Decorated {
  // TS1240 a method decorator on a property
  @DistributedMethod()
  readonly title: string = ''

  // TS2561 a misspelt option of a method
  @DistributedMethod({ idempotnet: true })
  async find (): Promise<Todo[]> { return [] }

  // TS2322 an option of a method with the wrong type
  @DistributedMethod({ timeout: '2 s' })
  async get (): Promise<Todo[]> { return [] }

  // TS2322 a result that is no class
  @DistributedMethod({ result: 'Todo' })
  async first (): Promise<Todo[]> { return [] }

  // TS2561 a misspelt option of class-validator
  @DistributedMethod({ validation: { whiteList: true } })
  async last (): Promise<Todo[]> { return [] }

  // TS2559 an event with a name
  @DistributedEvent('completed')
  readonly completed!: ServiceEvent<Todo>

  // TS2322 a payload that is no class
  @DistributedEvent({ payload: 7 })
  readonly counted!: ServiceEvent<number>
}

export function options (): void {
  // TS2561 a misspelt option of forRoot
  DistributedModule.forRoot({ service: [TodoService] })
  // TS2353 an unknown option of forRoot
  DistributedModule.forRoot({ colour: 'blue' })
  // TS2322 an option of forRoot with the wrong type
  DistributedModule.forRoot({ timeout: '20 s' })
  // TS2353 a service that is no class and no path
  DistributedModule.forRoot({ services: [{ path: 'todos' }] })
  // TS2561 a misspelt option of cote
  DistributedModule.forRoot({ cote: { basPort: 9_000 } })
}

export function remotes (): void {
  // TS2339 a method that the class doesn't have, through a remote of the class
  void mesh.remote(TodoService).update(1, {})
  // TS2339 any method of a path of which nothing is known
  void mesh.remote('todos').find()
  // TS2339 a method that the class doesn't have, through a token
  void container.resolve(remoteToken(TodoService)).update(1, {})
  // TS2345 an instance in place of its class
  mesh.remote(service)
}

const app = feathers<{ todos: RemoteMethods<TodoService> }>()

export async function typedApps (): Promise<void> {
  // TS2345 a path that the app doesn't have
  app.service('tudos')
  // TS2551 a misspelt method of a service of a typed app
  await app.service('todos').compelte({ id: 1 })
  // TS2339 a method of the class that is private, on a typed app
  await app.service('todos').secret()
  // TS2322 an argument of the wrong type on a typed app
  await app.service('todos').complete({ id: '1' })
  // TS2551 a misspelt field of a result on a typed app
  console.log((await app.service('todos').get(1)).titel)
  // TS2339 what only a remote has, on a typed app
  app.service('todos').with({})
}

export class Injected {
  // TS2345 a remote of something that is no class and no path
  constructor (@InjectRemote(42) readonly todos: RemoteService<TodoService>) {}
}

export function groups (todos: RemoteService<TodoService>): void {
  // TS2561 a misspelt option of a listener
  todos.on('completed', () => {}, { grupo: 'billing' })
  // TS2345 a group of gaps
  todos.on('gap', () => {}, { group: 'billing' })
  // TS2554 a group of a listener that hears one event
  todos.once('completed', () => {}, { group: 'billing' })
}

export class Listening {
  // TS2769 a method that listens to an event that the class doesn't have
  @OnRemoteEvent(TodoService, 'compelted') one (_todo: Todo): void {}

  // TS1241 a method that takes another payload than that of the event
  @OnRemoteEvent(TodoService, 'completed') two (_count: number): void {}

  // TS2345 a method that listens to an event that a service named by its path doesn't have
  @OnRemoteEvent<TodoService>('todos', 'compelted') three (): void {}

  // TS1241 a method that takes a payload that no event of the service named by its path has
  @OnRemoteEvent<TodoService>('todos', 'completed') four (_title: string): void {}

  // TS1241 a method that takes another payload than that of the event, where the path and the event are types
  @OnRemoteEvent<TodoService, 'completed'>('todos', 'completed') five (_count: number): void {}

  // TS2769 a method that listens to gaps of a group
  @OnRemoteEvent(TodoService, 'gap', { group: 'billing' }) six (_gap: EventGap): void {}

  // TS1240 a property that listens
  @OnRemoteEvent(TodoService, 'completed') seven = 7
}
