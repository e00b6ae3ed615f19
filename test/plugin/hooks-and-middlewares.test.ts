import type { HookContext, NextFunction } from '@feathersjs/feathers'
import { Forbidden } from '@feathersjs/errors'
import type { Middleware } from 'feathers-mesh'
import { rejection, until } from '../until'
import { has, NamedService, pluginNodes, serviceOf, type Named } from './plugin-nodes'

const nodes = pluginNodes()

/** A host with `users`, which has a custom method. */
function startHost (): NamedService {
  const service = new NamedService('host')
  nodes.app({ distributedMethods: ['find', 'create', 'greet'] })
    .use('users', service, { methods: ['find', 'create', 'greet'] })
  return service
}

describe('the option hooks', () => {
  it('runs around the methods of remote services, including custom ones, and not around local ones', async () => {
    startHost()
    const seen: string[] = []
    const consumer = nodes.app({
      hooks: {
        before: { all: [({ path, method }: HookContext) => { seen.push(`before ${path}.${method}`) }] },
        after: { greet: [(context: HookContext) => { context.result += '!' }] }
      }
    })
    consumer.use('own', new NamedService('consumer'))
    await until('it is there', () => has(consumer, 'users'))
    expect(await consumer.service('own').find()).toBe('consumer')
    expect(await consumer.service('users').find()).toBe('host')
    expect(await serviceOf<Named>(consumer, 'users').greet({ name: 'ann' })).toBe('ann, greetings from host!')
    expect(seen).toEqual(['before users.find', 'before users.greet'])
  })

  it('can reject a call before it leaves the node', async () => {
    const service = startHost()
    const consumer = nodes.app({ hooks: { before: { create: [() => { throw new Forbidden('not you') }] } } })
    await until('it is there', () => has(consumer, 'users'))
    const error = await rejection(consumer.service('users').create({}))
    expect(error).toMatchObject({ name: 'Forbidden', message: 'not you' })
    expect(service.calls).toEqual([])
  })

  it('can contain around hooks and error hooks', async () => {
    startHost()
    const seen: string[] = []
    const consumer = nodes.app({
      hooks: {
        around: {
          all: [async ({ method }: HookContext, next: NextFunction) => {
            seen.push(`around ${method}`)
            await next()
          }]
        },
        before: { create: [() => { throw new Forbidden('not you') }] },
        error: { all: [({ error }: HookContext) => { seen.push(`error ${error.message}`) }] }
      }
    })
    await until('it is there', () => has(consumer, 'users'))
    await rejection(consumer.service('users').create({}))
    expect(seen).toEqual(['around create', 'error not you'])
  })

  it('runs beside the hooks of the app and those added later', async () => {
    startHost()
    const consumer = nodes.app()
    const seen: string[] = []
    consumer.hooks({ before: { all: [() => { seen.push('app') }] } })
    await until('it is there', () => has(consumer, 'users'))
    consumer.service('users').hooks({ before: { find: [() => { seen.push('service') }] } })
    await consumer.service('users').find()
    expect(seen).toEqual(['app', 'service'])
  })
})

interface Headers { setHeader (name: string, value: string): void }

type ExpressHandler = (request: object, response: Headers, next: () => void) => void

interface TextResponse {
  status (code: number): TextResponse
  send (text: string): void
}

const mark = (name: string): Middleware => {
  const handler: ExpressHandler = (_request, response, next) => {
    response.setHeader(name, 'was here')
    next()
  }
  return handler
}

interface KoaContext { set (name: string, value: string): void, body: unknown }

describe('the option middlewares', () => {
  it('runs one or several before and after remote services on Express, and not around local ones', async () => {
    startHost()
    const { app, url } = await nodes.gateway('express', {
      plugin: { middlewares: { before: [mark('x-first'), mark('x-second')], after: mark('x-after') } },
      before: bare => bare.use('own', new NamedService('gateway'))
    })
    await until('it is there', () => has(app, 'users'))
    const response = await fetch(`${url}/users`)
    expect(await response.json()).toBe('host')
    expect(['x-first', 'x-second', 'x-after'].map(name => response.headers.get(name)))
      .toEqual(['was here', 'was here', 'was here'])
    expect((await fetch(`${url}/own`)).headers.get('x-first')).toBeNull()
  })

  it('can end with an Express error handler, even for a service that joined after the setup', async () => {
    // Express knows error handlers by their four parameters.
    const asTeapot = (error: Error, _request: object, response: TextResponse, _next: unknown): void => {
      response.status(418).send(error.message)
    }
    const { app, url } = await nodes.gateway('express', {
      plugin: {
        middlewares: { after: asTeapot as Middleware },
        hooks: { before: { all: [() => { throw new Forbidden('not you') }] } }
      }
    })
    startHost()
    await until('it is there', () => has(app, 'users'))
    const response = await fetch(`${url}/users`)
    expect(response.status).toBe(418)
    expect(await response.text()).toBe('not you')
  })

  it('runs one or several before and after remote services on Koa', async () => {
    startHost()
    const koaMark = (name: string): Middleware => (async (context: KoaContext, next: NextFunction) => {
      context.set(name, context.body === undefined ? 'before' : 'after')
      await next()
    }) as Middleware
    const { app, url } = await nodes.gateway('koa', {
      plugin: { middlewares: { before: koaMark('x-before'), after: [koaMark('x-after')] } }
    })
    await until('it is there', () => has(app, 'users'))
    const response = await fetch(`${url}/users`)
    expect(await response.text()).toContain('host')
    expect([response.headers.get('x-before'), response.headers.get('x-after')]).toEqual(['before', 'after'])
  })
})
