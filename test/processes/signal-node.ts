/** A node with HTTP that stops on signals: it hosts `own` and calls the todos of others. */
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import express, { errorHandler, json, notFound, rest } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import { DistributedModule, type StopOptions } from 'feathers-mesh'
import { obey, tell } from './obey'
import type { TodoService } from './todo-service'

const app = express(feathers())
app.use(json())
app.configure(rest())
app.use('own', {
  find: async () => [process.pid],
  async get (ms: number | string) {
    tell('begun')
    await delay(Number(ms))
    return { served: true }
  },
  async teardown () {
    tell('torn down', { health: mesh.health(), isListening: app.server?.listening })
    if (process.env.TEARDOWN === 'fails') throw new Error('the disk is full')
    if (process.env.TEARDOWN === 'hangs') await new Promise(() => {})
  }
})
const mesh = DistributedModule.forRoot({ app, services: ['own'] })
const todos = mesh.remote<TodoService>('todos')
todos.on('completed', ({ title }) => tell('heard', title))
app.use(notFound())
app.use(errorHandler({ logger: { error: () => {}, info: () => {} } }))
mesh.stopOnSignals(JSON.parse(process.env.STOP ?? '{}') as StopOptions)

obey({
  async listen () {
    const server = await app.listen(0, '127.0.0.1')
    return (server.address() as AddressInfo).port
  },
  health: () => mesh.health(),
  find: async () => await todos.find(),
  services: () => mesh.services(),
  nodes: () => mesh.nodes(),
  callOwn: async (ms: number) => await mesh.remote<{ get (ms: number): Promise<unknown> }>('own').get(ms)
})
