import { original, Router } from '@feathersjs/express'
import type { Application } from '@feathersjs/feathers'
import { until } from '../../until'
import { gateways, has, named, type Clients, type Kind } from '../gateways'

const { bare, clients, host, join } = gateways()

type RestKind = Exclude<Kind, 'plain'>

/** Who answers at a path, for all kinds of clients: they must agree. */
async function answering ({ rest, socket }: Clients, path: string): Promise<unknown> {
  const { status, body } = await rest(path)
  const answer = status === 200 ? body : status
  expect(await socket('find', path)).toEqual(answer)
  return answer
}

/** Collects the warnings about routes. */
function routeWarnings (): string[] {
  const told: string[] = []
  jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    if ((options)?.code === 'FEATHERS_MESH_ROUTE') told.push(String(message))
  })
  return told
}

afterEach(() => jest.restoreAllMocks())

describe.each(['express', 'koa'] as const)('the routes of a gateway with %s', kind => {
  it('survive when a service that shares a placeholder with them leaves and returns', async () => {
    const app = await join(bare(kind))
    app.use('users/:userId/profile', named('profile'))
    await host({
      'users/:userId/posts': named('posts'),
      'users/:userId/posts/:postId/likes/of/:whom': named('likes')
    })
    const comments = {
      'users/:userId/comments': named('comments'),
      'users/:userId/posts/:postId/stars': named('stars')
    }
    const leaving = await host(comments)
    await until(() => has(app, 'users/:userId/comments') && has(app, 'users/:userId/posts'))
    const to = await clients(app)
    const all = async (): Promise<unknown[]> => await Promise.all([
      answering(to, 'users/5/profile'), answering(to, 'users/5/posts'), answering(to, 'users/5/posts/7/likes/of/me'),
      answering(to, 'users/5/comments'), answering(to, 'users/5/posts/7/stars')
    ])
    const there = [
      ['profile', { userId: '5' }], ['posts', { userId: '5' }], ['likes', { userId: '5', postId: '7', whom: 'me' }],
      ['comments', { userId: '5' }], ['stars', { userId: '5', postId: '7' }]
    ]
    expect(await all()).toEqual(there)
    await leaving.stop()
    expect(await all()).toEqual([...there.slice(0, 3), 404, 404])
    await host(comments)
    await until(() => has(app, 'users/:userId/comments'))
    expect(await all()).toEqual(there)
  })

  it('survive when the app removes another service that shares a placeholder with them', async () => {
    const app = bare(kind)
    app.use('users/:userId/first', named('first'))
    app.use('users/:userId/second', named('second'))
    await join(app)
    app.use('users/:userId/third', named('third'))
    const to = await clients(app)
    for (const path of ['users/:userId/second', 'users/:userId/third']) await app.unuse(path)
    expect(await answering(to, 'users/1/first')).toEqual(['first', { userId: '1' }])
    expect([await answering(to, 'users/1/second'), await answering(to, 'users/1/third')]).toEqual([404, 404])
    await expect(app.unuse('never/:was/there')).resolves.toBeUndefined()
    app.use('users/:userId/second', named('second again'))
    expect(await answering(to, 'users/1/second')).toEqual(['second again', { userId: '1' }])
  })

  it.each([
    [':any', 'todos'],
    [':any/:thing', 'todos/5'],
    ['todos/:x', 'todos/5'],
    ['todos/stats', 'todos/stats'],
    [':a/:b/:c', 'users/5/profile'],
    ['users/5/profile', 'users/5/profile'],
    ['users/:id/profile', 'users/5/profile'],
    ['users/:userId/:what', 'users/5/profile'],
    ['users/:userId/profile/:deep', 'users/5/profile/6']
  ])('prefer a service of the app to a remote one at %s', async (peers, path) => {
    const own = {
      todos: { find: async () => 'own', get: async () => 'own' },
      'users/:userId/profile': { find: async () => 'own', get: async () => 'own' }
    }
    const app = bare(kind)
    for (const [each, service] of Object.entries(own)) app.use(each, service)
    await join(app, 'forRoot', { placesAll: true })
    const ofPeer = async (): Promise<string> => 'of a peer'
    await host({ [peers]: { find: ofPeer, get: ofPeer, create: ofPeer } })
    await until(() => has(app, peers))
    const { rest } = await clients(app)
    expect((await rest(path)).body).toBe('own')
    expect(app.lookup(path).service).not.toHaveProperty('remote')
  })

  it('lead to a remote service that is nested deeper than those of the app', async () => {
    const app = bare(kind)
    app.use('todos', named('own'))
    await join(app)
    await host({ 'todos/:id/x': named('deeper') })
    await until(() => has(app, 'todos/:id/x'))
    const to = await clients(app)
    expect(await answering(to, 'todos/5/x')).toEqual(['deeper', { id: '5' }])
    expect(await answering(to, 'todos')).toEqual(['own', {}])
  })

  it('hide remote services behind those of the app, with one warning, and code still reaches them', async () => {
    const told = routeWarnings()
    const app = bare(kind)
    app.use('users/:id/posts', named('own'))
    app.use('todos', named('own'))
    await join(app)
    const peers = { 'users/:userId/posts': named('posts'), 'todos/stats': named('stats'), 'todos/:id/x': named('x') }
    const first = await host(peers)
    await until(() => has(app, 'todos/:id/x'))
    await first.stop()
    await host(peers)
    await until(() => has(app, 'todos/:id/x') && told.length > 1)
    expect(told.sort()).toEqual([
      expect.stringMatching(/'todos\/stats' of other nodes.*by 'todos\/:id'.*app\.service\('todos\/stats'\)/),
      expect.stringMatching(/'users\/:userId\/posts' of other nodes.*by 'users\/:id\/posts'/)
    ])
    expect(await app.service('todos/stats').find()).toEqual(['stats', {}])
  })

  it('cause a warning when the app adds a service that hides a remote one', async () => {
    const told = routeWarnings()
    const app = await join(bare(kind))
    await host({ 'todos/stats': named('stats') })
    await until(() => has(app, 'todos/stats'))
    app.use('todos', named('own'))
    await until(() => told.length === 1)
    expect(told[0]).toContain("'todos/stats'")
  })

  it.each([
    [['todos', 'todos/:x']], [['todos/:x', 'todos']]
  ])('lead to the same service in any order of discovery, such as %j', async order => {
    const services: Readonly<Record<string, object>> = {
      'todos': { find: async () => 'todos', get: async (id: string) => ['todos', id] },
      'todos/:x': named('todos/:x')
    }
    const app = await join(bare(kind))
    const hosts: Record<string, Awaited<ReturnType<typeof host>>> = {}
    const come = async (path: string): Promise<void> => {
      hosts[path] = await host({ [path]: services[path] })
      await until(() => has(app, path))
    }
    for (const path of order) await come(path)
    const { rest } = await clients(app)
    const answer = async (): Promise<unknown> => (await rest('todos/5')).body
    expect(await answer()).toEqual(['todos', '5'])
    for (const path of order) {
      await hosts[path]?.stop()
      await until(() => !has(app, path))
      await come(path)
      expect(await answer()).toEqual(['todos', '5'])
    }
  })

  it.each([['todos/:x'], ['todos']])('prefer the declared remote %s over other remote services', async declared => {
    const app = await join(bare(kind), 'forRoot', { remotes: [declared] })
    const get = (path: string): object => ({ find: async () => path, get: async () => path })
    await host({ todos: get('todos') })
    await host({ 'todos/:x': get('todos/:x') })
    await until(() => has(app, 'todos') && has(app, 'todos/:x'))
    const { rest } = await clients(app)
    await until(async () => (await rest('todos/5')).status === 200)
    expect((await rest('todos/5')).body).toBe(declared)
  })

  it('follow the caseSensitive setting of the app', async () => {
    const app = await join(bare(kind))
    app.routes.caseSensitive = false
    await host({ Todos: named('remote'), todos: named('twin') })
    await until(() => has(app, 'Todos') && has(app, 'todos'))
    expect(await answering(await clients(app), 'TODOS')).toEqual(['remote', {}])
  })

  it('accept ids that are names of object members, such as constructor', async () => {
    const app = await join(bare(kind))
    await host({ todos: { get: async (id: string) => id } })
    await until(() => has(app, 'todos'))
    const { rest } = await clients(app)
    for (const id of ['constructor', '__proto__', 'toString']) {
      expect((await rest(`todos/${id}`)).body).toBe(id)
    }
  })
})

/** An app of Express or Koa as far as the tests put routes of their own on it. */
interface Routed {
  use (...args: unknown[]): void
  get (path: string, handler: unknown): void
  post (path: string, handler: unknown): void
}

const PEERS = ['login', 'auth/login', 'auth/other', 'pages/about', 'shop', 'todos']

describe('routes of the Express or Koa app itself', () => {
  type Handler = (request: object, response: { json (body: unknown): void }) => void
  const say = (by: string): Handler => (_request, response) => response.json({ by })

  /** A Koa router as koa-router and @koa/router show theirs. */
  function koaRouter (routes: Readonly<Record<string, [methods: string[], path: RegExp, body?: string]>>): unknown {
    const stack = Object.entries(routes).map(([path, [methods, regexp, body]]) =>
      ({ path, methods, match: (url: string) => regexp.test(url), body }))
    const dispatch = async (
      context: { path: string, method: string, body: unknown }, next: () => Promise<void>
    ): Promise<void> => {
      const found = stack.find(({ methods, match }) => methods.includes(context.method) && match(context.path))
      if (found === undefined) return await next()
      context.body = { by: found.body }
    }
    return Object.assign(dispatch, { router: { stack } })
  }

  const put: Record<RestKind, (app: Application) => void> = {
    express (app) {
      const routed = app as unknown as Routed
      const auth = Router()
      auth.post('/login', say('own'))
      const within = Router()
      within.get('/:page', say('own'))
      auth.use('/pages', within)
      routed.post('/login', say('own'))
      routed.use('/auth', auth)
      routed.get('/pages/:page', say('own'))
      routed.use('/shop', Object.assign(Router().get('/', say('own')), {}))
      routed.use((_request: unknown, _response: unknown, next: () => void) => next())
      // The page of a single-page application.
      routed.get('*', say('fallback'))
    },
    koa (app) {
      (app as unknown as Routed).use(koaRouter({
        '/login': [['POST'], /^\/login\/?$/i, 'own'],
        '/auth/login': [['POST'], /^\/auth\/login\/?$/i, 'own'],
        '/pages/:page': [['GET', 'HEAD'], /^\/pages\/[^/]+\/?$/i, 'own'],
        '/shop': [['GET', 'HEAD'], /^\/shop\/?$/i, 'own'],
        '/todos': [[], /^\/todos/i],
        '(.*)': [['GET'], /^(.*)$/, 'fallback']
      }))
    }
  }

  it('may hide a part of a service, which the warning names', async () => {
    const told = routeWarnings()
    const app = await join(bare('express'))
    ;(app as unknown as Routed).get('/todos/special', say('own'))
    await host({ todos: { get: async (id: string) => id } })
    await until(() => has(app, 'todos'))
    const { rest } = await clients(app)
    expect((await rest('todos/special')).body).toEqual({ by: 'own' })
    expect((await rest('todos/1')).body).toBe('1')
    expect(told).toEqual([
      expect.stringContaining("reach what '/todos/special' matches of the service 'todos' of other nodes: this app")
    ])
  })

  it.each(['express', 'koa'] as const)('have priority over remote services on %s', async kind => {
    const told = routeWarnings()
    const app = bare(kind)
    put[kind](app)
    await join(app)
    await host(Object.fromEntries(PEERS.map(path => [path, { ...named(path), create: async () => path }])))
    await until(() => PEERS.every(path => has(app, path)))
    const { rest, socket } = await clients(app)
    const got = async (path: string, method = 'GET'): Promise<unknown> =>
      (await rest(path, { method, ...method === 'GET' ? {} : { body: '{}' } })).body
    expect(await got('login', 'POST')).toEqual({ by: 'own' })
    expect(await got('auth/login', 'POST')).toEqual({ by: 'own' })
    expect(await got('pages/about')).toEqual({ by: 'own' })
    expect(await got('shop')).toEqual({ by: 'own' })
    // The path is hidden, whatever the method.
    expect(await got('login')).toEqual({ by: 'fallback' })
    expect([await got('todos'), await got('auth/other')]).toEqual([['todos', {}], ['auth/other', {}]])
    const hidden = ['login', 'auth/login', 'pages/about', 'shop']
    expect(await Promise.all(hidden.map(path => socket('find', path)))).toEqual(hidden.map(() => 404))
    expect(await socket('create', 'login', {})).toBe(404)
    expect(await socket('find', 'todos')).toEqual(['todos', {}])
    expect(await app.service('login').find()).toEqual(['login', {}])
    await until(() => told.length === hidden.length)
    expect(told.map(message => /'([^']+)' of other nodes/.exec(message)?.[1]).sort()).toEqual([...hidden].sort())
  })

  it('have priority over remote services when the app adds them later', async () => {
    const told = routeWarnings()
    const app = await join(bare('express'))
    await host({ login: named('login') })
    await until(() => has(app, 'login'))
    ;(app as unknown as Routed).post('/login', say('own'))
    const { rest, socket } = await clients(app)
    expect((await rest('login', { method: 'POST', body: '{}' })).body).toEqual({ by: 'own' })
    expect(await socket('find', 'login')).toBe(404)
    expect(told).toHaveLength(1)
  })

  it('include everything below the path of a mounted Express app', async () => {
    const app = await join(bare('express'))
    ;(app as unknown as Routed).use('/admin', original().get('/users', say('own')))
    await host({ 'admin/users': named('remote') })
    await until(() => has(app, 'admin/users'))
    const { rest, socket } = await clients(app)
    expect((await rest('admin/users')).body).toEqual({ by: 'own' })
    expect(await socket('find', 'admin/users')).toBe(404)
  })
})
