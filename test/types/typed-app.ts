/* A Feathers app with the types of services of the mesh, as a gateway and as a web client. Nothing here runs. */
import { feathers } from '@feathersjs/feathers'
import type { HookContext, Params } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio-client'
import type { RemoteMethods } from 'feathers-mesh'
import { io } from 'socket.io-client'
import type { Same } from './same'
import type { CreateTodo, Todo, TodoService } from './todo-service'

interface Services {
  todos: RemoteMethods<TodoService>
}

declare function is<Expected> (): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

export async function servicesOfAGatewayAreTyped (): Promise<void> {
  const app = feathers<Services>()
  is<Todo[]>()(await app.service('todos').find({ query: { done: false } }), true)
  is<Todo>()(await app.service('todos').complete({ id: 1 }), true)
  is<number>()(await app.service('todos').count({}), true)
  is<[data: CreateTodo, params?: Params]>()({} as Parameters<Services['todos']['create']>, true)
  app.service('todos').hooks({
    before: { create: [(context: HookContext) => { context.params.query = {} }], complete: [] },
    around: { all: [async (_context, next) => { await next() }] }
  })
  app.service('todos').on('completed', (todo: Todo) => console.log(todo.title))
}

export async function servicesOfAWebClientAreTyped (): Promise<void> {
  const connection = socketio<Services>(io('http://localhost:3030'))
  const client = feathers<Services>()
  client.configure(connection)
  client.use('todos', connection.service('todos'), { methods: ['find', 'get', 'create', 'patch', 'complete', 'count'] })
  is<Todo>()(await client.service('todos').complete({ id: 1 }), true)
  client.service('todos').on('completed', (todo: Todo) => console.log(todo.title))
}
