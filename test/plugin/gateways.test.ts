import { io, type Socket } from 'socket.io-client'
import { until } from '../until'
import { has, NamedService, pluginNodes, type Gateway, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

const OPTIONS = { methods: ['find', 'create', 'greet'], events: ['waved'] }

/** A host of `users` with a custom method and a custom event. */
function startHost (): PluginApp {
  const host = nodes.app({ distributedMethods: ['find', 'create', 'greet'] })
  host.use('users', new NamedService('host'), OPTIONS)
  return host
}

type Heard = [payload: unknown, context: Record<string, unknown>]

/** A host and the events that a consumer receives from its service. */
async function listening (): Promise<{ host: PluginApp, consumer: PluginApp, heard: Heard[] }> {
  const host = startHost()
  const consumer = nodes.app()
  await until('it is there', () => has(consumer, 'users'))
  const heard: Heard[] = []
  for (const event of ['created', 'waved']) {
    consumer.service('users').on(event, (payload, context) => heard.push([payload, context]))
  }
  return { host, consumer, heard }
}

describe('the hook context of a remote event', () => {
  it('contains the app and the service of the listener', async () => {
    const { consumer, heard } = await listening()
    await consumer.service('users').create({ name: 'ann' })
    await until('it is heard', () => heard.length > 0)
    expect(heard[0]?.[1].app).toBe(consumer)
    expect(heard[0]?.[1].service).toBe(consumer.service('users'))
  })

  it('contains the params, data, result, method, event, type and path of the call on the host', async () => {
    const { consumer, heard } = await listening()
    await consumer.service('users').create({ name: 'ann' }, { query: { by: 'bob' } })
    await until('it is heard', () => heard.length > 0)
    const [payload, context] = heard[0] ?? []
    expect(payload).toEqual({ name: 'ann', by: 'host' })
    expect(context).toMatchObject({
      path: 'users',
      method: 'create',
      event: 'created',
      data: { name: 'ann' },
      result: { name: 'ann', by: 'host' },
      params: { query: { by: 'bob' }, fromRemote: true }
    })
    expect(context).toHaveProperty('type')
  })

  it('contains the id of the call', async () => {
    const host = nodes.app()
    host.use('users', { remove: async (id: number) => ({ id }) })
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
    const ids: unknown[] = []
    consumer.service('users').on('removed', (_user, { id }) => ids.push(id))
    await host.service('users').remove(7)
    await until('it is heard', () => ids.length > 0)
    expect(ids).toEqual([7])
  })

  it('exists for events that are emitted by hand', async () => {
    const { host, consumer, heard } = await listening()
    host.service('users').emit('waved', { name: 'ann' })
    await until('it is heard', () => heard.length > 0)
    expect(heard).toEqual([[{ name: 'ann' }, expect.objectContaining({
      app: consumer, service: consumer.service('users'), path: 'users', event: 'waved',
      method: null, type: null, params: {}, result: { name: 'ann' }
    })]])
  })
})

describe.each(['express', 'koa'] as const)('a gateway with %s', kind => {
  /** A connected client of a gateway that has `users`. */
  async function connected (gateway: Gateway): Promise<{ client: Socket, heard: unknown[] }> {
    await until('it is there', () => has(gateway.app, 'users'))
    const client = io(gateway.url, { transports: ['websocket'], forceNew: true })
    nodes.after(() => client.disconnect())
    const heard: unknown[] = []
    client.onAny((event: string, payload: { name: string }) => heard.push([event, payload.name]))
    await until('it is connected', () => client.connected)
    await until('it is in a channel', () => gateway.app.channel('everybody').length > 0)
    return { client, heard }
  }

  it('publishes each event to socket.io clients exactly once, wherever the call came from', async () => {
    const host = startHost()
    const gateway = await nodes.gateway(kind)
    const { client, heard } = await connected(gateway)
    await host.service('users').create({ name: 'by the host' })
    await until('it is heard', () => heard.length > 0)
    await gateway.app.service('users').create({ name: 'by the gateway' })
    await until('it is heard', () => heard.length > 1)
    await client.emitWithAck('create', 'users', { name: 'by the client' })
    await until('it is heard', () => heard.length > 2)
    host.service('users').emit('waved', { name: 'by hand' })
    await until('it is heard', () => heard.length > 3)
    // All came the same way in their order: a second copy of one would stand before the last.
    expect(heard).toEqual([
      ['users created', 'by the host'],
      ['users created', 'by the gateway'],
      ['users created', 'by the client'],
      ['users waved', 'by hand']
    ])
  })

  it('publishes the events of its own services exactly once', async () => {
    startHost()
    const gateway = await nodes.gateway(kind, { before: app => app.use('own', new NamedService('gateway')) })
    const { heard } = await connected(gateway)
    await gateway.app.service('own').create({ name: 'one' })
    await gateway.app.service('own').create({ name: 'two' })
    await until('both are heard', () => heard.length > 1)
    expect(heard).toEqual([['own created', 'one'], ['own created', 'two']])
  })

  it('passes the hook context of each event to channels', async () => {
    const host = startHost()
    const seen: unknown[] = []
    const gateway = await nodes.gateway(kind)
    gateway.app.publish((_data, { path, event, params }) => {
      seen.push([path, event, params])
      return gateway.app.channel('everybody')
    })
    await connected(gateway)
    host.service('users').emit('waved', { name: 'ann' })
    await until('it is asked', () => seen.length > 0)
    expect(seen).toEqual([['users', 'waved', {}]])
  })

  it('serves REST and socket.io clients, including custom methods', async () => {
    startHost()
    const gateway = await nodes.gateway(kind)
    const { client } = await connected(gateway)
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const post = async (more: Record<string, string>): Promise<string> => {
      const init = { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ name: 'ann' }) }
      return await (await fetch(`${gateway.url}/users`, init)).text()
    }
    const emit = async (method: string, ...args: unknown[]): Promise<unknown[]> =>
      await new Promise(resolve => client.emit(method, ...args, (...answer: unknown[]) => resolve(answer)))
    expect(JSON.parse(await post({}))).toEqual({ name: 'ann', by: 'host' })
    expect(await post({ 'x-service-method': 'greet' })).toContain('ann, greetings from host')
    expect(await emit('find', 'users', {})).toEqual([null, 'host'])
    expect(await emit('greet', 'users', { name: 'ann' }, {})).toEqual([null, 'ann, greetings from host'])
  })
})
