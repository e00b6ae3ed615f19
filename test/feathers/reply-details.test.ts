import { BadRequest } from '@feathersjs/errors'
import { createContext, feathers, type Application, type HookContext, type Params } from '@feathersjs/feathers'
import { memory } from '@feathersjs/memory'
import { hooks, resolve, virtual } from '@feathersjs/schema'
import { cleanHeaders } from '../../lib/feathers/hooks/http-details'
import { BareNode } from '../bare-node'
import { memoryMesh } from '../memory-mesh'
import { rejection } from '../until'

const mesh = memoryMesh()
const DISPATCH = Symbol.for('@feathersjs/schema/dispatch')
const dispatchOf = (value: unknown): unknown => (value as { [DISPATCH]?: unknown })[DISPATCH]

type AnyService = Record<string, (...args: unknown[]) => Promise<unknown>>

/** A service whose every method gives the same, and whose after hook says what a test lets it say. */
async function host (say: (context: HookContext) => unknown): Promise<void> {
  const app = feathers()
  const node = mesh.node({ app, key: 'host' })
  const method = async (): Promise<unknown> => ({ id: 1, password: 'SECRET' })
  const service = {
    find: method, get: method, create: method, update: method, patch: method, remove: method, greet: method
  }
  app.use('users', service, { methods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'greet'] })
  app.service('users').hooks({ after: { all: [async context => { await say(context as HookContext) }] } })
  await node.start()
}

async function gateway (): Promise<Application> {
  const app = feathers()
  await mesh.start({ app, key: 'gateway', remotes: ['users'] })
  return app
}

/** Calls as Feathers' transports do: what comes is the hook context. */
async function contextOf (app: Application, method: string, args: unknown[], path = 'users'): Promise<HookContext> {
  const service = app.service(path)
  return await (service as unknown as AnyService)[method](...args, createContext(service, method)) as HookContext
}

const CALLS: ReadonlyArray<readonly [method: string, args: unknown[]]> = [
  ['find', [{}]], ['get', [1, {}]], ['create', [{}, {}]], ['update', [1, {}, {}]], ['patch', [1, {}, {}]],
  ['remove', [1, {}]], ['greet', [{}, {}]]
]

describe('the dispatch and http of a reply', () => {
  const say = (context: HookContext): void => {
    context.dispatch = { id: 1 }
    context.http = { status: 202, location: '/users/1', headers: { 'x-a': 'b' } }
  }

  it.each(CALLS)('are in the hook context of the caller, for %s', async (method, args) => {
    await host(say)
    const context = await contextOf(await gateway(), method, args)
    expect(context.result).toEqual({ id: 1, password: 'SECRET' })
    expect(context.dispatch).toEqual({ id: 1 })
    expect(context.http).toEqual({ status: 202, location: '/users/1', headers: { 'x-a': 'b' } })
  })

  it('leave the result unchanged for calls without a context, with the hidden fields marked', async () => {
    await host(say)
    const app = await gateway()
    const consumer = await mesh.start({ remotes: ['users'] })
    for (const users of [app.service('users'), consumer.remote<AnyService>('users')]) {
      const user = await (users as unknown as AnyService).get(1)
      expect(user).toEqual({ id: 1, password: 'SECRET' })
      expect(dispatchOf(user)).toEqual({ id: 1 })
    }
  })

  it('are set before the hooks of the caller run, and those may change them', async () => {
    await host(say)
    const app = await gateway()
    const seen: unknown[] = []
    app.service('users').hooks({
      around: { all: [async (context, next) => {
        await next()
        seen.push(['around', context.dispatch, context.http?.status])
      }] },
      after: {
        all: [async context => { seen.push(['after all', context.dispatch, context.http?.status]) }],
        get: [async context => {
          seen.push(['after', context.dispatch, context.http?.status])
          context.dispatch = { less: true }
          context.http = { ...context.http, status: 203 }
        }]
      }
    })
    const context = await contextOf(app, 'get', [1])
    expect(seen).toEqual([['after all', { id: 1 }, 202], ['after', { id: 1 }, 202], ['around', { less: true }, 203]])
    expect(context).toMatchObject({ dispatch: { less: true }, http: { status: 203, location: '/users/1' } })
  })

  it('stay when a hook of the caller replaces the result, as in a single app', async () => {
    await host(say)
    const app = await gateway()
    app.service('users').hooks({ after: { get: [async context => { context.result = { other: true } }] } })
    expect(await contextOf(app, 'get', [1])).toMatchObject({ dispatch: { id: 1 }, result: { other: true } })
  })

  it('are merged with the http that earlier hooks of the caller set', async () => {
    await host(say)
    const app = await gateway()
    app.service('users').hooks({ before: { get: [async context => {
      context.http = { status: 1, headers: { 'x-a': 'first', 'x-c': 'd' } }
    }] } })
    const { http } = await contextOf(app, 'get', [1])
    expect(http).toEqual({ status: 202, location: '/users/1', headers: { 'x-a': 'b', 'x-c': 'd' } })
  })

  it('are undefined when the host sets neither', async () => {
    await host(() => {})
    const context = await contextOf(await gateway(), 'get', [1, { provider: 'rest' }])
    expect([context.dispatch, context.http]).toEqual([undefined, undefined])
    expect(dispatchOf(context.result)).toBeUndefined()
  })

  it('are undefined when a hook of the caller set the result', async () => {
    await host(say)
    const app = await gateway()
    app.service('users').hooks({ before: { get: [async context => { context.result = 'own' }] } })
    const context = await contextOf(app, 'get', [1])
    expect([context.result, context.dispatch, context.http]).toEqual(['own', undefined, undefined])
  })

  it('arrive with results that are not objects', async () => {
    for (const [index, result] of [null, undefined, 0, 'text'].entries()) {
      const app = feathers()
      const path = `plain${index}`
      const node = mesh.node({ app, key: path })
      app.use(path, { async get () { return result } })
      app.service(path).hooks({ after: { get: [async context => { say(context as HookContext) }] } })
      await node.start()
      const caller = feathers()
      await mesh.start({ app: caller, remotes: [path] })
      const context = await contextOf(caller, 'get', [1], path)
      expect(context).toMatchObject({ result, dispatch: { id: 1 }, http: { status: 202 } })
    }
  })

  it('arrive for a service whose method was wrapped', async () => {
    const app = feathers()
    const node = mesh.node({ app, key: 'host' })
    app.use('users', { async get () { return { id: 1, password: 'SECRET' } } })
    const users = app.service('users')
    users.hooks({ after: { get: [async context => { say(context as HookContext) }] } })
    const { get } = users
    users.get = Object.assign(async (...args: Parameters<typeof get>) => await get.apply(users, args), get)
    await node.start()
    expect(await contextOf(await gateway(), 'get', [1])).toMatchObject({
      result: { id: 1, password: 'SECRET' }, dispatch: { id: 1 }, http: { status: 202 }
    })
  })

  it('arrive for methods that the service gained later', async () => {
    const app = feathers()
    const caller = feathers()
    const first = mesh.node({ app, key: 'host' })
    app.use('users', { async get () { return 1 } })
    await first.start()
    await mesh.start({ app: caller, key: 'gateway', remotes: ['users'] })
    await first.stop()
    await host(say)
    await mesh.start({ remotes: ['users'] })
    expect(await contextOf(caller, 'greet', [{}])).toMatchObject({ dispatch: { id: 1 }, http: { status: 202 } })
  })
})

describe('the http of a failed call', () => {
  it('is in the hook context before error hooks run, and stays when they clear the error', async () => {
    await host(context => {
      context.http = { status: 202, headers: { 'x-a': 'b' } }
      throw new BadRequest('no')
    })
    const app = await gateway()
    const seen: unknown[] = []
    app.service('users').hooks({ error: {
      get: [async context => { seen.push(context.http) }],
      all: [async context => { context.result = 'recovered' }]
    } })
    expect(await contextOf(app, 'get', [1])).toMatchObject({ result: 'recovered', http: { status: 202 } })
    expect(seen).toEqual([{ status: 202, headers: { 'x-a': 'b' } }])
  })

  it('does not change the error', async () => {
    await host(context => {
      context.dispatch = {}
      context.http = { status: 202 }
      throw new BadRequest('no', { why: 'not' })
    })
    const app = await gateway()
    const error = await rejection(app.service('users').get(1))
    expect(error).toMatchObject({ message: 'no', code: 400, data: { why: 'not' } })
  })
})

describe('the hook context of a host', () => {
  it("has http only when the caller's provider is rest", async () => {
    const seen: unknown[] = []
    await host(context => { seen.push(context.http) })
    const app = await gateway()
    const calls = [{ provider: 'rest' }, { provider: 'socketio' }, {}, undefined]
    for (const params of calls) await app.service('users').get(1, params)
    expect(seen).toEqual([{}, undefined, undefined, undefined])
  })
})

describe('fields that a host hides', () => {
  const hiding = (...fields: string[]): ReturnType<typeof hooks.resolveExternal> =>
    hooks.resolveExternal(resolve<Record<string, unknown>, HookContext>(
      Object.fromEntries(fields.map(field => [field, async () => undefined]))
    ))

  function users (app: Application): void {
    app.use('users', memory({ multi: true, paginate: { default: 5 }, startId: 1 }))
    app.service('users').hooks({ around: { all: [hiding('password')] } })
  }

  function messages (app: Application): void {
    app.use('messages', {
      async get (id: unknown, params?: Params & { user?: object }) {
        return { id, draft: 'SECRET', from: params?.user }
      }
    })
    app.service('messages').hooks({ around: { all: [
      hiding('draft'),
      hooks.resolveResult(resolve({
        user: virtual(async (_message, context) => await context.app.service('users').get(1)),
        users: virtual(async (_message, context) => (await context.app.service('users').find()).data)
      }))
    ] } })
  }

  /** Users on a node, messages on another one that embeds them, boards on a third one that embeds those. */
  async function nodes (): Promise<{ users: Application, messages: Application, boards: Application }> {
    const apps = { users: feathers(), messages: feathers(), boards: feathers() }
    const first = mesh.node({ app: apps.users, key: 'users' })
    users(apps.users)
    await first.start()
    await apps.users.service('users').create([{ name: 'ada', password: 'SECRET' }, { name: 'bob', password: 'SECRET' }])
    const second = mesh.node({ app: apps.messages, key: 'messages', remotes: ['users'] })
    messages(apps.messages)
    await second.start()
    const third = mesh.node({ app: apps.boards, key: 'boards', remotes: ['users', 'messages'] })
    apps.boards.use('boards', { async get () { return { messages: [await apps.boards.service('messages').get(1)] } } })
    apps.boards.service('boards').hooks({ around: { all: [hiding()] } })
    await third.start()
    return apps
  }

  it('stay hidden in records that embed them, on every node on the way', async () => {
    const apps = await nodes()
    const gatewayApp = feathers()
    await mesh.start({ app: gatewayApp, key: 'gateway', remotes: ['boards', 'messages', 'users'] })
    const seen = async (app: Application, path: string): Promise<unknown> =>
      (await contextOf(app, 'get', [1, { provider: 'rest' }], path)).dispatch
    const message = { id: 1, user: { name: 'ada', id: 1 }, users: [{ name: 'ada', id: 1 }, { name: 'bob', id: 2 }] }
    expect(await seen(apps.messages, 'messages')).toEqual(message)
    expect(await seen(apps.boards, 'boards')).toEqual({ messages: [message] })
    expect(await seen(gatewayApp, 'messages')).toEqual(message)
    expect(await seen(gatewayApp, 'boards')).toEqual({ messages: [message] })
    expect(await seen(gatewayApp, 'users')).toEqual({ name: 'ada', id: 1 })
    // Who calls for itself sees all.
    expect(JSON.stringify(await gatewayApp.service('boards').get(1))).toContain('SECRET')
  })

  it('stay hidden in params that a caller passes on', async () => {
    const apps = await nodes()
    const user = await apps.boards.service('users').get(1)
    const { dispatch, result } = await contextOf(apps.boards, 'get', [1, { user }], 'messages')
    expect((dispatch as { from: unknown }).from).toEqual({ name: 'ada', id: 1 })
    expect((result as { from: unknown }).from).toMatchObject({ password: 'SECRET' })
  })

  it('stay hidden in events and in what listeners embed', async () => {
    const apps = await nodes()
    const heard = new Promise<[object, HookContext]>(resolve => {
      apps.boards.service('users').once('created', (user: object, context: HookContext) => resolve([user, context]))
    })
    await apps.users.service('users').create({ name: 'cid', password: 'SECRET' })
    const [user, context] = await heard
    expect([dispatchOf(user), context.dispatch]).toEqual([{ name: 'cid', id: 3 }, { name: 'cid', id: 3 }])
    expect(user).toMatchObject({ password: 'SECRET' })
  })

  it('are decided by the host, even when the gateway hides others', async () => {
    const apps = await nodes()
    apps.boards.service('users').hooks({ around: { all: [hiding('name')] } })
    expect((await contextOf(apps.boards, 'get', [1], 'users')).dispatch).toEqual({ name: 'ada', id: 1 })
  })
})

describe('a node that sends invalid http with its result', () => {
  it.each<[string, unknown]>([
    ['a string', 'http'], ['null', null], ['a list', [1]], ['odd headers', { headers: 'x', status: {} }],
    ['undefined', undefined]
  ])('cannot break the caller with %s', async (_what, http) => {
    const contracts = [{ path: 'users', methods: [{ name: 'get', idempotent: true }], events: [] }]
    const node = new BareNode(mesh.transport(), { contracts })
    node.answer = call => call.reply(null, { id: 1 }, { http })
    await node.start()
    const context = await contextOf(await gateway(), 'get', [1])
    expect(context.result).toEqual({ id: 1 })
    await node.transport.stop(1)
  })
})

describe('the headers of a reply', () => {
  it('are left out where one text is in a list very many times, as are lists with holes', () => {
    const many = Array.from({ length: 100 }, () => 'x'.repeat(100))
    const holes = new Array<string>(3)
    const headers = { many, 'x-a': ['b', 'c'], holes, 'x-d': 'e'.repeat(10_000) }
    expect(cleanHeaders(headers)).toEqual({ 'x-a': ['b', 'c'] })
  })
})
