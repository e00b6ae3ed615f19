import { AuthenticationService, JWTStrategy } from '@feathersjs/authentication'
import { rest as expressRest } from '@feathersjs/express'
import express from '@feathersjs/express'
import { feathers, type Application, type HookContext } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import { memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { rejection, until } from '../../until'
import { gateways, has, named, type Kind } from '../gateways'

const { bare, clients, host, join } = gateways()
const mesh = memoryMesh()

const RESTFUL = ['express', 'koa'] as const satisfies readonly Kind[]

describe.each(RESTFUL)('a declared remote on a gateway with %s', kind => {
  it('answers 503 with the body of a Feathers error while no node hosts it', async () => {
    const app = await join(bare(kind), 'forRoot', { remotes: ['users'], timeout: 200 })
    const to = await clients(app)
    for (const [path, method] of [['users', 'GET'], ['users/5', 'GET'], ['users', 'POST'], ['users/5', 'PATCH']]) {
      const { status, body } = await to.rest(path, { method, ...method === 'GET' ? {} : { body: '{}' } })
      expect([status, body]).toEqual([503, expect.objectContaining({
        name: 'Unavailable', code: 503, className: 'unavailable', message: expect.stringContaining('users')
      })])
    }
    expect(await to.socket('find', 'users')).toBe(503)
    expect(await to.socket('remove', 'users', 5)).toBe(503)
    await host({ users: named('users') })
    expect((await to.rest('users')).body).toEqual(['users', {}])
  })

  it('makes calls wait for its host, before the first host and between two hosts', async () => {
    const app = await join(bare(kind), 'forRoot', { remotes: ['users/:userId/posts'] })
    const to = await clients(app)
    for (const round of [1, 2]) {
      const [byRest, bySocket] = [to.rest(`users/${round}/posts`), to.socket('find', 'users/7/posts')]
      const { stop } = await host({ 'users/:userId/posts': named('posts') })
      expect((await byRest).body).toEqual(['posts', { userId: String(round) }])
      expect(await bySocket).toEqual(['posts', { userId: '7' }])
      await stop()
      expect(has(app, 'users/:userId/posts')).toBe(true)
    }
  })

  it('answers 405 for methods that its host does not offer, as a single app does', async () => {
    const app = await join(bare(kind), 'forRoot', { remotes: ['users'] })
    const to = await clients(app)
    await host({ users: named('users') })
    await until(async () => (await to.rest('users')).status === 200)
    expect((await to.rest('users', { method: 'POST', body: '{}' })).status).toBe(405)
    expect(await to.socket('create', 'users', {})).toBe(405)
    expect(await rejection(app.service('users').create({}))).toMatchObject({ name: 'MethodNotAllowed' })
  })

  it('publishes its events to clients that connected before it had a host', async () => {
    const app = await join(bare(kind), 'forRoot', { remotes: ['users'] })
    const to = await clients(app)
    const heard: unknown[] = []
    to.on('users created', payload => heard.push(payload))
    const { app: hosting } = await host({ users: named('users') })
    hosting.service('users').emit('created', { id: 1 })
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ id: 1 }])
  })

  it('yields to a service that the app registers itself, earlier or later', async () => {
    const app = bare(kind)
    app.use('first', named('own'))
    await join(app, 'forRoot', { remotes: ['first', 'later'], timeout: 200 })
    app.use('later', named('own'))
    const to = await clients(app)
    for (const path of ['first', 'later']) {
      expect((await to.rest(path)).body).toEqual(['own', {}])
      await app.unuse(path)
      expect((await to.rest(path)).status).toBe(503)
    }
  })
})

describe('a declared remote', () => {
  it('is on the app at once and accepts hooks, listeners and publishers', async () => {
    const node = mesh.node({ remotes: ['todos'] })
    const seen: string[] = []
    const heard: unknown[] = []
    const announced: string[] = []
    node.app.on('service', ({ path }) => announced.push(path))
    const todos = node.app.service('todos')
    todos.hooks({ before: { all: [({ path, method }: HookContext) => { seen.push(`${path}.${method}`) }] } })
    todos.on('created', payload => heard.push(payload))
    const starting = node.start()
    await mesh.start()
    expect(announced).toEqual([])
    await mesh.start({ services: [TodoService] })
    await starting
    expect(announced).toEqual(['todos'])
    expect(node.app.service('todos')).toBe(todos)
    await todos.create({ title: 'one' })
    await until(() => heard.length > 0)
    expect([seen, heard]).toEqual([['todos.create'], [expect.objectContaining({ title: 'one' })]])
  })

  it('has the methods and events of its class when the option names the class', async () => {
    const node = mesh.node({ remotes: [TodoService] })
    const todos = node.app.service('todos') as unknown as {
      complete (data: object): Promise<unknown>
      remove?: unknown
      on (event: string, listener: (payload: unknown) => void): void
    }
    expect('remove' in todos).toBe(false)
    const heard: unknown[] = []
    todos.on('completed', payload => heard.push(payload))
    const starting = node.start()
    await mesh.start({ services: [TodoService] })
    await starting
    await node.app.service('todos').create({ title: 'one' })
    expect(await todos.complete({ id: 1 })).toMatchObject({ done: true })
    await until(() => heard.length > 0)
  })

  it('runs the hooks of the option `hooks`', async () => {
    const seen: string[] = []
    const node = mesh.node({
      remotes: ['todos'], timeout: 50, hooks: { before: { all: [() => { seen.push('option') }] } }
    })
    void node.start().catch(() => {})
    expect(await rejection(node.app.service('todos').find())).toMatchObject({ name: 'Unavailable' })
    expect(seen).toEqual(['option'])
  })

  it('runs the middlewares of the option `middlewares`', async () => {
    const app = bare('express')
    const seen: string[] = []
    const before = (request: { path: string }, _response: unknown, next: () => void): void => {
      seen.push(request.path)
      next()
    }
    const node = mesh.node({ app, remotes: ['todos'], timeout: 50, middlewares: { before } })
    void node.start().catch(() => {})
    expect((await (await clients(app)).rest('todos')).status).toBe(503)
    expect(seen).toEqual(['/todos'])
  })

  it('is served by transports that are configured after the app joined the mesh', async () => {
    const app = express(feathers()) as unknown as Application & { channel (name: string): { join (c: object): void } }
    mesh.node({ app, remotes: ['todos'] })
    app.configure(expressRest() as (app: Application) => void)
    app.configure(socketio())
    app.on('connection', connection => app.channel('everybody').join(connection))
    const todos = app.service('todos')
    todos.publish('created', () => app.channel('everybody'))
    await mesh.start({ services: [TodoService] })
    const to = await clients(app)
    const heard: unknown[] = []
    to.on('todos created', payload => heard.push(payload))
    expect((await to.rest('todos')).body).toEqual([])
    expect(await to.socket('create', 'todos', { title: 'one' })).toMatchObject({ title: 'one' })
    await until(() => heard.length > 0)
    expect(app.service('todos')).toBe(todos)
  })

  it('is served by socket.io that is configured on a plain app after it joined the mesh', async () => {
    const app = feathers()
    mesh.node({ app, remotes: ['todos'] })
    app.configure(socketio())
    await mesh.start({ services: [TodoService] })
    expect(await (await clients(app)).socket('find', 'todos')).toEqual([])
  })

  it('can be the user service of an authentication service', async () => {
    const node = mesh.node({ remotes: ['users'] })
    const { app } = node
    const authentication = new AuthenticationService(app, 'authentication', {
      secret: 'x'.repeat(32), entity: 'user', entityId: 'id', service: 'users', authStrategies: ['jwt']
    })
    authentication.register('jwt', new JWTStrategy())
    app.use('authentication', authentication)
    const other = feathers()
    other.use('users', { get: async (id: string) => ({ id, name: 'ann' }) })
    await mesh.start({ app: other, services: ['users'] })
    await node.start()
    const accessToken = await authentication.createAccessToken({ sub: '7' })
    expect(await app.service('authentication').create({ strategy: 'jwt', accessToken }))
      .toMatchObject({ user: { id: '7', name: 'ann' } })
  })
})
