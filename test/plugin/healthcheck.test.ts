import type { AddressInfo } from 'node:net'
import { errorHandler } from '@feathersjs/express'
import { DistributedModule, finalize } from 'feathers-mesh'
import { rejection, until } from '../until'
import { BareNode, type Reply } from '../bare-node'
import { expressApp, has, NamedService, pluginNodes, serviceOf, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

interface Health { status: number, body: { name?: string, message?: string, data?: Record<string, unknown> } & object }

async function get (url: string): Promise<Health> {
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  return { status: response.status, body: await response.json() as Health['body'] }
}

/** An Express gateway, once it has the service on a path. */
async function gatewayWith (path: string, options: object = {}): Promise<{ app: PluginApp, url: string }> {
  const gateway = await nodes.gateway('express', { plugin: options })
  await until(`${path} is there`, () => has(gateway.app, path))
  return gateway
}

/** A node that offers a service and never answers. */
async function startDumbNode (key: string): Promise<BareNode> {
  const contracts = [{ path: 'dumb', methods: [{ name: 'find', idempotent: true }], events: [] }]
  const node = await new BareNode(nodes.transport(), { id: 'dumb-node', key, contracts }).start()
  nodes.after(() => node.transport.stop(0))
  return node
}

describe('the health route', () => {
  it('answers 200 with the services of a key', async () => {
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend')).use('clocks', new NamedService('backend'))
    nodes.app({ key: 'other' }).use('others', new NamedService('other'))
    const { app, url } = await gatewayWith('clocks', { key: 'gateway' })
    await until('the other one is there', () => has(app, 'others'))
    expect(await get(`${url}/distribution/healthcheck/backend`)).toEqual({ status: 200, body: { users: true, clocks: true } })
  })

  it('answers 200 with all remote services for the key of the node itself or without a key', async () => {
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend'))
    nodes.app({ key: 'other' }).use('others', new NamedService('other'))
    const { app, url } = await gatewayWith('users', { key: 'gateway' })
    await until('the other one is there', () => has(app, 'others'))
    const all = { status: 200, body: { users: true, others: true } }
    expect(await get(`${url}/distribution/healthcheck/gateway`)).toEqual(all)
    expect(await get(`${url}/distribution/healthcheck`)).toEqual(all)
    expect(await get(`${url}/distribution/healthcheck/`)).toEqual(all)
  })

  it('answers 404 for a key that was never seen', async () => {
    const { url } = await nodes.gateway('express')
    const { status, body } = await get(`${url}/distribution/healthcheck/nobody`)
    expect(status).toBe(404)
    expect(body).toMatchObject({ name: 'NotFound', message: 'No app registered with key nobody' })
  })

  it('answers 503 and names the services that do not answer', async () => {
    await startDumbNode('backend')
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend'))
    const { app, url } = await gatewayWith('users', { timeout: 50 })
    await until('the dumb one is there', () => has(app, 'dumb'))
    const { status, body } = await get(`${url}/distribution/healthcheck/backend`)
    expect(status).toBe(503)
    expect(body).toMatchObject({
      name: 'Unavailable',
      message: 'Unavailable distributed service(s) for app with key backend: dumb',
      data: { users: true, dumb: false }
    })
  })

  it('answers 503 for a key whose nodes have all left', async () => {
    const node = await startDumbNode('backend')
    const { app, url } = await gatewayWith('dumb')
    await node.transport.stop(0)
    await until('it is gone', () => !has(app, 'dumb'))
    const { status, body } = await get(`${url}/distribution/healthcheck/backend`)
    expect(status).toBe(503)
    expect(body.data).toMatchObject({ dumb: false })
  })

  it('exists on Koa', async () => {
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend'))
    const { app, url } = await nodes.gateway('koa')
    await until('it is there', () => has(app, 'users'))
    expect(await get(`${url}/distribution/healthcheck/backend`)).toEqual({ status: 200, body: { users: true } })
    expect((await get(`${url}/distribution/healthcheck/nobody`)).status).toBe(404)
  })

  it('is not offered to other nodes', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'))
    const stranger = await new BareNode(nodes.transport()).start()
    nodes.after(() => stranger.transport.stop(0))
    await until('they know each other', () => stranger.peers.get(host.uuid)?.contracts.length)
    expect(stranger.peers.get(host.uuid)?.contracts.map(({ path }) => path)).toEqual(['users'])
    const request = { type: 'find', path: 'distribution/healthcheck' }
    const { message } = await rejection(stranger.ask(host.uuid, request))
    expect(message).toContain('is not offered')
  })
})

describe('the option healthcheckPath', () => {
  it('moves the health route', async () => {
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend'))
    const { app, url } = await nodes.gateway('express', { plugin: { healthcheckPath: '/health/of/mesh/' } })
    await until('it is there', () => has(app, 'users'))
    expect(await get(`${url}/health/of/mesh/backend`)).toEqual({ status: 200, body: { users: true } })
    expect(await get(`${url}/health/of/mesh`)).toEqual({ status: 200, body: { users: true } })
    expect((await fetch(`${url}/distribution/healthcheck/backend`)).status).toBe(404)
  })
})

describe('a remote service', () => {
  it('answers its own healthcheck()', async () => {
    nodes.app().use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
    expect(await serviceOf<{ healthcheck (): Promise<boolean> }>(consumer, 'users').healthcheck()).toBe(true)
  })
})

describe('the health route of a node made by forRoot', () => {
  /** Who asks for the health of a node that needs a service. */
  async function gatewayThatNeeds (healthcheck: 'public' | 'detailed', ...remotes: string[]): Promise<string> {
    const app = expressApp()
    const transport = nodes.transport()
    const gateway = DistributedModule.forRoot({ app, transport, services: [], remotes, timeout: 60_000, healthcheck })
    // The type of the app is that of Feathers, which knows services only.
    const { use } = app as unknown as { use (handler: object): void }
    use.call(app, errorHandler({ logger: { error: () => {}, info: () => {} } }))
    const server = await app.listen(0)
    nodes.after(async () => await gateway.stop())
    nodes.after(() => { server.close() })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('answers 503 while a declared remote has no host, before its first host and after its last', async () => {
    const url = await gatewayThatNeeds('detailed', 'users', '/clocks/')
    const missing = (...names: string[]): object => ({
      status: 503,
      body: expect.objectContaining({
        name: 'Unavailable',
        message: `Unavailable distributed service(s) for app with key default: ${names.join(', ')}`
      })
    })
    expect(await get(`${url}/distribution/healthcheck`)).toEqual(missing('users', 'clocks'))
    const backend = nodes.app({ key: 'backend' })
    backend.use('users', new NamedService('backend'))
    const health = async (): Promise<Health> => await get(`${url}/distribution/healthcheck`)
    await until('users are there', async () => (await health()).body.message?.endsWith('key default: clocks'))
    backend.use('clocks', new NamedService('backend'))
    await until('all are there', async () => (await health()).status === 200)
    expect((await get(`${url}/distribution/healthcheck`)).body).toEqual({ users: true, clocks: true })
    await finalize(backend)
    expect(await get(`${url}/distribution/healthcheck`)).toEqual(missing('users', 'clocks'))
  })

  it('tells clients only whether all is well by default, and the same for each key', async () => {
    const url = await gatewayThatNeeds('public', 'users')
    const paths = ['', '/', '/default', '/backend', '/nobody'].map(path => `${url}/distribution/healthcheck${path}`)
    const answers = async (): Promise<Health[]> => await Promise.all(paths.map(async path => await get(path)))
    const data = { healthy: false }
    const body = { name: 'Unavailable', message: 'not healthy', code: 503, className: 'unavailable', data }
    expect(await answers()).toEqual(paths.map(() => ({ status: 503, body })))
    const backend = nodes.app({ key: 'backend' })
    backend.use('users', new NamedService('backend'))
    await until('users are there', async () => (await get(paths[0])).status === 200)
    expect(await answers()).toEqual(paths.map(() => ({ status: 200, body: { healthy: true } })))
    await finalize(backend)
    expect(await answers()).toEqual(paths.map(() => ({ status: 503, body })))
  })

  it('tells code which services are healthy, also in its public form', async () => {
    const app = expressApp()
    const node = DistributedModule.forRoot({ app, transport: nodes.transport(), remotes: ['users'] })
    nodes.after(async () => await node.stop())
    nodes.app({ key: 'backend' }).use('users', new NamedService('backend'))
    await node.start()
    expect(await app.service('distribution/healthcheck').find()).toEqual({ users: true })
  })

  it('asks each service at most once a second, however many clients ask', async () => {
    const replies: Reply[] = []
    const contracts = [{ path: 'slow', methods: [{ name: 'find', idempotent: true }], events: [] }]
    // The first question is answered when all clients have had time to ask.
    const serve = (_request: unknown, reply: Reply): void => { if (replies.push(reply) > 1) reply(null, true) }
    const node = await new BareNode(nodes.transport(), { id: 'slow-node', key: 'backend', contracts, serve }).start()
    nodes.after(() => node.transport.stop(0))
    const url = await gatewayThatNeeds('public', 'slow')
    const begun = performance.now()
    const answers = Promise.all(Array.from({ length: 50 }, async () => await get(`${url}/distribution/healthcheck`)))
    await until('it is asked', () => replies.length > 0)
    replies[0](null, true)
    expect((await answers).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(replies.length).toBeLessThanOrEqual(1 + (performance.now() - begun) / 1_000)
  })

  it('does not check a declared remote that the node hosts itself', async () => {
    const app = expressApp()
    app.use('users', new NamedService('own'))
    const node = DistributedModule.forRoot({ app, transport: nodes.transport(), remotes: ['users'] })
    nodes.after(async () => await node.stop())
    await node.start()
    expect(await app.service('distribution/healthcheck').find()).toEqual({})
  })
})

describe('the health route of a node with the plugin', () => {
  it('ignores a declared remote without a host, as feathers-distributed would', async () => {
    const { url } = await nodes.gateway('express', { plugin: { remotes: ['users'] } })
    expect(await get(`${url}/distribution/healthcheck`)).toEqual({ status: 200, body: {} })
  })
})
