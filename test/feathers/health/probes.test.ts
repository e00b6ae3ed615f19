import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import express, { original, rest } from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import { koa, rest as koaRest } from '@feathersjs/koa'
import distribution, { ConfigurationError, DistributedModule, type HealthOption, type StopOptions } from 'feathers-mesh'
import { memoryMesh } from '../../memory-mesh'
import { freePort } from '../../free-port'
import { TodoService } from '../../todo-service'
import { until } from '../../until'

const mesh = memoryMesh()
const apps: Application[] = []

afterEach(async () => { await Promise.all(apps.splice(0).map(async app => await app.teardown())) })

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly cache: string | null
}

async function get (url: string, method = 'GET'): Promise<Answer> {
  const response = await fetch(url, { method, headers: { connection: 'close', accept: 'application/json' } })
  const text = await response.text()
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : text
  return { status: response.status, body, cache: response.headers.get('cache-control') }
}

const statusOf = async (url: string, method?: string): Promise<number> => (await get(url, method)).status

/** The part of a response of Express that is used here. */
interface JsonResponse { json (body: unknown): unknown }

/** An app of Express or Koa. */
type HttpApp = Application & { listen (port: number, host: string): Promise<Server> }

/** An app with HTTP, its mesh before its own routes, and where it listens. */
async function listen (app: HttpApp): Promise<string> {
  apps.push(app)
  const server = await app.listen(0, '127.0.0.1')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const expressApp = (web = original()): HttpApp => express(feathers(), web).configure(rest())
const koaApp = (): HttpApp => koa(feathers()).configure(koaRest())

const ADAPTERS: ReadonlyArray<[string, () => HttpApp]> = [['Express', () => expressApp()], ['Koa', koaApp]]

describe.each(ADAPTERS)('the probes of an app of %s', (_name, makeApp) => {
  it('tell that it lives, and whether each of its remotes has a host', async () => {
    const app = makeApp()
    mesh.node({ app, remotes: ['todos'] })
    const url = await listen(app)
    expect(await get(`${url}/livez`)).toEqual({ status: 200, body: { status: 'SERVING' }, cache: 'no-store' })
    expect(await get(`${url}/readyz`)).toEqual({ status: 503, body: { status: 'NOT_SERVING' }, cache: 'no-store' })
    const host = await mesh.start({ services: [TodoService] })
    await until(async () => await statusOf(`${url}/readyz`) === 200)
    expect(await get(`${url}/readyz/?full=1`)).toMatchObject({ status: 200, body: { status: 'SERVING' } })
    expect(await get(`${url}/readyz`, 'HEAD')).toMatchObject({ status: 200, body: '' })
    await host.stop()
    await until(async () => await statusOf(`${url}/readyz`) === 503)
    expect(await statusOf(`${url}/livez`)).toBe(200)
  })

  it('name services only in the detailed form', async () => {
    const app = makeApp()
    mesh.node({ app, remotes: ['todos'], healthcheck: 'detailed' })
    const url = await listen(app)
    expect((await get(`${url}/readyz`)).body).toEqual({
      status: 'NOT_SERVING', joined: true, draining: false, remotes: { todos: 'NOT_SERVING' }
    })
    expect((await get(`${url}/livez`)).body).toEqual({ status: 'SERVING' })
  })

  it('leave a path to a service of the app, and not to one of another node', async () => {
    const app = makeApp()
    mesh.node({ app })
    app.use('readyz', { find: async () => ({ mine: true }) })
    const url = await listen(app)
    const other = feathers()
    other.use('livez', { find: async () => ({ theirs: true }) })
    await mesh.start({ app: other })
    await other.setup()
    await until(() => Object.hasOwn(app.services, 'livez'))
    expect((await get(`${url}/readyz`)).body).toEqual({ mine: true })
    expect((await get(`${url}/livez`)).body).toEqual({ status: 'SERVING' })
    await other.teardown()
  })

  it('are not there with health: false', async () => {
    const app = makeApp()
    mesh.node({ app, health: false })
    const url = await listen(app)
    expect([await statusOf(`${url}/livez`), await statusOf(`${url}/readyz`)]).toEqual([404, 404])
  })

  it('are not there for the plugin, unless it asks for them', async () => {
    for (const health of [undefined, true]) {
      const app = makeApp()
      app.configure(distribution({ health, transport: mesh.transport() }))
      const url = await listen(app)
      expect(await statusOf(`${url}/readyz`)).toBe(health === true ? 200 : 404)
    }
  })

  it('answer nothing but GET and HEAD', async () => {
    const app = makeApp()
    mesh.node({ app })
    const url = await listen(app)
    expect(await statusOf(`${url}/livez`, 'DELETE')).not.toBe(200)
    expect(await statusOf(`${url}/livez/x`)).toBe(404)
  })
})

describe('the probes of an app of Express', () => {
  it('leave a path to a route of the app, before and behind forRoot, and not to a placeholder', async () => {
    const web = original()
    const app = expressApp(web)
    web.get('/livez', (_request: unknown, response: JsonResponse) => { response.json({ mine: 'before' }) })
    mesh.node({ app })
    web.get('/:page', (_request: unknown, response: JsonResponse) => { response.json({ page: true }) })
    web.get('/readyz', (_request: unknown, response: JsonResponse) => { response.json({ mine: 'behind' }) })
    const url = await listen(app)
    expect((await get(`${url}/livez`)).body).toEqual({ mine: 'before' })
    expect((await get(`${url}/readyz`)).body).toEqual({ status: 'SERVING' })
    expect((await get(`${url}/other`)).body).toEqual({ page: true })
  })

  it('leave a path to a later route of the app that names it', async () => {
    const web = original()
    const app = expressApp(web)
    mesh.node({ app })
    web.get('/readyz', (_request: unknown, response: JsonResponse) => { response.json({ mine: true }) })
    const url = await listen(app)
    expect((await get(`${url}/readyz`)).body).toEqual({ mine: true })
  })
})

describe('a node without HTTP', () => {
  it('answers probes on a port of its own while it is on the mesh', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const node = await mesh.start({ health: { port } })
    expect(await get(`${url}/livez`)).toEqual({ status: 200, body: { status: 'SERVING' }, cache: 'no-store' })
    expect(await statusOf(`${url}/readyz`)).toBe(200)
    expect(await statusOf(`${url}/`)).toBe(404)
    expect(await statusOf(`${url}/readyz`, 'POST')).toBe(404)
    const idle = connect(port, '127.0.0.1')
    await once(idle, 'connect')
    const closed = once(idle.on('error', () => {}), 'close')
    await node.stop()
    await closed
    await expect(fetch(url)).rejects.toThrow()
    await node.start()
    expect(await statusOf(`${url}/readyz`)).toBe(200)
  })

  it('answers probes although strangers keep a hundred connections open', async () => {
    const port = await freePort()
    await mesh.start({ health: { port } })
    const strangers = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(strangers.map(async stranger => await once(stranger, 'connect')))
    const closed = Promise.race(strangers.map(async stranger => await once(stranger, 'close')))
    expect(await statusOf(`http://127.0.0.1:${port}/livez`)).toBe(200)
    await closed
    expect(strangers.filter(({ destroyed }) => destroyed)).toHaveLength(1)
    for (const stranger of strangers) stranger.destroy()
  })

  it('does not start on a port that is taken, and can start once it is free', async () => {
    const port = await freePort()
    const first = await mesh.start({ health: { port, host: '127.0.0.1' } })
    const second = mesh.node({ health: { port, host: '127.0.0.1' } })
    await expect(second.start()).rejects.toThrow(ConfigurationError)
    await first.stop()
    await second.start()
    expect(second.health().status).toBe('SERVING')
  })

  it.each<[string, unknown]>([
    ['a port alone', 8080], ['a port that is none', { port: 70_000 }], ['no port', { host: '127.0.0.1' }],
    ['port 0', { port: 0 }], ['an unknown name', { port: 1, path: '/x' }], ['a text', 'yes']
  ])('refuses %s', (_what, health) => {
    expect(() => DistributedModule.forRoot({ health: health as HealthOption })).toThrow(/health must be true, false/)
  })
})

describe('the health of a node', () => {
  it('says whether it has joined, and which remotes have a host, itself counted', async () => {
    const node = mesh.node({ services: [TodoService], remotes: ['todos', 'users'] })
    expect(node.health()).toMatchObject({ status: 'NOT_SERVING', joined: false, draining: false })
    const other = feathers()
    other.use('users', { find: async () => [] })
    await mesh.start({ app: other })
    await node.start()
    expect(node.health()).toEqual({
      status: 'SERVING', joined: true, draining: false, remotes: { todos: 'SERVING', users: 'SERVING' }
    })
    await node.stop()
    expect(node.health()).toMatchObject({ status: 'NOT_SERVING', joined: false, draining: false })
  })

  it('is not good while the app is being set up', async () => {
    const app = feathers()
    const seen: unknown[] = []
    const node = mesh.node({ app })
    app.use('own', { find: async () => [], async setup () { seen.push(node.health()) } })
    await app.setup()
    expect(seen).toEqual([expect.objectContaining({ status: 'NOT_SERVING', joined: false })])
    expect(node.health().status).toBe('SERVING')
  })
})

describe('the options of stopOnSignals', () => {
  it.each<[string, unknown]>([
    ['a time below 0', { shutdownDelay: -1 }], ['a text', { drainTimeout: '5s' }], ['an unknown name', { delay: 5 }],
    ['no object', 5]
  ])('are refused when they have %s', (_what, options) => {
    expect(() => mesh.node().stopOnSignals(options as StopOptions)).toThrow(ConfigurationError)
    expect(process.listenerCount('SIGTERM')).toBe(0)
  })
})
