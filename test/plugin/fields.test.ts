import { feathers, type HookContext, type Params } from '@feathersjs/feathers'
import distribution, { DistributedModule, finalize, initialize } from 'feathers-mesh'
import { BareNode } from '../bare-node'
import { rejection, until } from '../until'
import { has, NamedService, pluginNodes, type MeshViews, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

/** A host of `users`, a consumer that has it, and the params of the calls. */
async function start (): Promise<{ host: PluginApp, consumer: PluginApp, params: object[] }> {
  const service = new NamedService('host')
  const host = nodes.app({ key: 'backend', distributedMethods: ['find', 'create', 'greet'] })
  host.use('users', service, { methods: ['find', 'create', 'greet'] })
  const consumer = nodes.app({ key: 'consumer' })
  await until('it is there', () => has(consumer, 'users'))
  return { host, consumer, params: service.params }
}

describe('params.fromRemote', () => {
  it('is true for calls of other nodes, in hooks and in the method, and absent for local calls', async () => {
    const { host, consumer, params } = await start()
    const inHooks: unknown[] = []
    const note = (context: HookContext): void => { inHooks.push(context.params.fromRemote) }
    host.service('users').hooks({ before: { all: [note] } })
    await consumer.service('users').find({ query: { a: 1 } })
    await host.service('users').find({ query: { a: 1 } })
    expect(params).toEqual([{ query: { a: 1 }, fromRemote: true }, { query: { a: 1 } }])
    expect(inHooks).toEqual([true, undefined])
  })

  it('can be neither forged nor unset by the caller', async () => {
    const { host, consumer, params } = await start()
    const stranger = await new BareNode(nodes.transport()).start()
    nodes.after(() => stranger.transport.stop(0))
    for (const fromRemote of [false, null, 0, 'no']) {
      await consumer.service('users').find({ fromRemote } as Params)
      await stranger.ask(host.uuid, { method: 'find', path: 'users', params: { fromRemote } })
    }
    expect(params).toEqual(Array(8).fill({ fromRemote: true }))
  })
})

describe('service.remote', () => {
  it('is true for services of other nodes and absent for local ones', async () => {
    const { host, consumer } = await start()
    expect(consumer.service('users')).toHaveProperty('remote', true)
    expect(host.service('users')).not.toHaveProperty('remote')
  })
})

describe('service.key', () => {
  it('is the key of the nodes that host the service', async () => {
    const { consumer } = await start()
    expect(consumer.service('users')).toHaveProperty('key', 'backend')
    expect(consumer.service('users')).toHaveProperty('path', 'users')
  })
})

describe('the app', () => {
  it('emits `service` for each new remote service with its description and its local path', async () => {
    const told: unknown[] = []
    const consumer = nodes.app({ remoteServicePath: ({ path }) => `remote-${path}` })
    consumer.on('service', service => told.push(service))
    const host = nodes.app({ key: 'backend' })
    host.use('users', new NamedService('host'))
    await until('it is told', () => told.length > 0)
    expect(told).toEqual([{
      uuid: host.uuid,
      shortUuid: host.shortUuid,
      key: 'backend',
      path: 'remote-users',
      methods: ['find', 'create'],
      events: ['created', 'updated', 'patched', 'removed']
    }])
    expect(has(consumer, 'remote-users')).toBe(true)
  })

  it('emits `service-removed` when a node removes a service or leaves', async () => {
    const told: unknown[] = []
    const consumer = nodes.app({ remoteServicePath: ({ path }) => `remote-${path}` })
    consumer.on('service-removed', service => told.push(service))
    const host = nodes.app({ key: 'backend' })
    host.use('users', new NamedService('host')).use('clocks', new NamedService('host'))
    await until('both are there', () => has(consumer, 'remote-users') && has(consumer, 'remote-clocks'))
    await host.unuse('users')
    await until('it is told', () => told.length > 0)
    expect(has(consumer, 'remote-users')).toBe(false)
    await finalize(host)
    await until('it is told', () => told.length > 1)
    const node = { uuid: host.uuid, shortUuid: host.shortUuid, key: 'backend' }
    expect(told).toEqual([{ ...node, path: 'remote-users' }, { ...node, path: 'remote-clocks' }])
  })

  it('emits nothing for further replicas, nor for one that leaves others behind', async () => {
    const told: string[] = []
    const consumer = nodes.app()
    consumer.on('service', () => told.push('service')).on('service-removed', () => told.push('service-removed'))
    const [first, second] = [nodes.app(), nodes.app()]
    for (const app of [first, second]) app.use('users', new NamedService('host'))
    await until('both are known', () => consumer.remoteApps?.default?.size === 2)
    await until('it is there', () => has(consumer, 'users'))
    await finalize(first)
    await until('one is gone', () => consumer.remoteApps?.default?.size === 1)
    expect(told).toEqual(['service'])
    await finalize(second)
    await until('both are gone', () => told.length > 1)
    expect(told).toEqual(['service', 'service-removed'])
  })
})

describe('app.use and app.unuse', () => {
  it('add and remove services of the mesh at any time', async () => {
    const host = nodes.app()
    const consumer = nodes.app()
    await until('they know each other', () => consumer.remoteApps?.default?.has(host.uuid))
    host.use('users', new NamedService('first'))
    await until('it is there', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('first')
    await host.unuse('users')
    await until('it is gone', () => !has(consumer, 'users'))
    host.use('users', new NamedService('second'))
    await until('it is back', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('second')
  })

  it('add and remove services of the mesh at any time over sockets', async () => {
    const host = nodes.coteApp()
    const consumer = nodes.coteApp()
    host.use('users', new NamedService('first'))
    await until('it is there', () => has(consumer, 'users'))
    host.use('clocks', new NamedService('host'))
    await until('another one is there', () => has(consumer, 'clocks'))
    await host.unuse('users')
    await until('it is gone', () => !has(consumer, 'users'))
    host.use('users', new NamedService('second'))
    await until('it is back', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('second')
  })
})

describe('the app with the plugin', () => {
  it('has the id of its node in uuid and shortUuid', async () => {
    const { host, consumer } = await start()
    expect(host.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(host.shortUuid).toBe(host.uuid.slice(0, 8))
    expect(consumer.uuid).not.toBe(host.uuid)
  })

  it('has its key in distributionKey', async () => {
    const { host } = await start()
    expect(host.distributionKey).toBe('backend')
    expect(nodes.app().distributionKey).toBe('default')
  })

  it('has its options in distributionOptions', () => {
    const options = { key: 'backend', coteDelay: -1, transport: nodes.transport() }
    const app = feathers()
    app.configure(distribution(options))
    expect((app as unknown as MeshViews).distributionOptions).toMatchObject(options)
  })

  it('has the ids of other nodes by key in remoteApps', async () => {
    const { host, consumer } = await start()
    const second = nodes.app({ key: 'backend' })
    await until('both are known', () => consumer.remoteApps?.backend?.size === 2)
    expect(consumer.remoteApps).toEqual({ backend: new Set([host.uuid, second.uuid]) })
    await finalize(second)
    await until('it is gone', () => consumer.remoteApps?.backend?.size === 1)
  })

  it('has a requester for each key in serviceRequesters, which can call services', async () => {
    const { consumer, params } = await start()
    const requester = consumer.serviceRequesters?.backend
    expect(Object.keys(consumer.serviceRequesters ?? {})).toEqual(['backend'])
    const found = await requester?.send({ type: 'find', key: 'backend', path: 'users', params: { query: { a: 1 } } })
    expect(found).toBe('host')
    expect(await requester?.send({ type: 'greet', key: 'backend', path: 'users', data: { name: 'ann' } }))
      .toBe('ann, greetings from host')
    expect(await requester?.send({ type: 'healthcheck', key: 'backend', path: 'users' })).toBe(true)
    expect(params[0]).toEqual({ query: { a: 1 }, fromRemote: true })
  })

  it('has a publisher of its events in serviceEventsPublisher', async () => {
    const { host, consumer } = await start()
    const heard: unknown[] = []
    consumer.service('users').on('created', user => heard.push(user))
    host.serviceEventsPublisher?.publish('created', { path: 'users', name: 'ann' })
    await until('it is heard', () => heard.length > 0)
    expect(heard).toEqual([{ name: 'ann' }])
  })

  it('does not allow assignments to these properties', () => {
    const app = nodes.app()
    const names = ['uuid', 'shortUuid', 'distributionKey', 'distributionOptions', 'remoteApps', 'serviceRequesters']
    for (const name of names) {
      expect(() => Object.assign(app, { [name]: 'mine' })).toThrow(TypeError)
    }
  })
})

describe('initialize and finalize', () => {
  it('can join and leave the mesh any number of times', async () => {
    const { host, consumer } = await start()
    for (let round = 0; round < 3; round++) {
      await finalize(host)
      await until('it is gone', () => !has(consumer, 'users'))
      expect(host.remoteApps).toBeUndefined()
      expect(host.serviceRequesters).toBeUndefined()
      expect(host.serviceEventsPublisher).toBeUndefined()
      await initialize(host)
      await until('it is back', () => has(consumer, 'users'))
      expect(await consumer.service('users').find()).toBe('host')
    }
  })

  it('can be called in succession without waiting', async () => {
    const { host, consumer } = await start()
    void finalize(host)
    await initialize(host)
    await until('it is back', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('host')
    expect(host.remoteApps).toEqual({ consumer: new Set([consumer.uuid]) })
  })

  it('can join and leave the mesh over sockets', async () => {
    const host = nodes.coteApp()
    host.use('users', new NamedService('host'))
    const consumer = nodes.coteApp()
    await until('it is there', () => has(consumer, 'users'))
    await finalize(host)
    await until('it is gone', () => !has(consumer, 'users'))
    await initialize(host)
    await until('it is back', () => has(consumer, 'users'), 3_000)
    expect(await consumer.service('users').find()).toBe('host')
  })

  it('close every socket and timer', async () => {
    const open = (): string[] => process.getActiveResourcesInfo().filter(name => /TCP|UDP/.test(name)).sort()
    await until('those of other tests are closed', () => open().length === 0)
    const host = nodes.coteApp({ heartbeatInterval: 1000, publicationDelay: 0 })
    host.use('users', new NamedService('host'))
    const consumer = nodes.coteApp()
    await until('it is there', () => has(consumer, 'users'))
    await consumer.service('users').find()
    expect(open()).toContain('UDPWrap')
    await Promise.all([finalize(host), finalize(consumer)])
    await until('all is closed', () => open().length === 0)
  })

  it('let calls under way finish', async () => {
    const host = nodes.app()
    const consumer = nodes.app()
    const slow = nodes.slowService()
    host.use('slow', slow)
    await until('it is there', () => has(consumer, 'slow'))
    const call = consumer.service('slow').find()
    await until('it is under way', () => slow.calls.length > 0)
    const left = finalize(host)
    slow.answer()
    expect(await call).toBe('at last')
    await left
  })

  it('wait no longer than drainTimeout for calls under way', async () => {
    const host = nodes.app({ drainTimeout: 20 })
    host.use('slow', { create: async () => await new Promise(() => {}) })
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'slow'))
    const call = rejection(consumer.service('slow').create({}))
    const called = jest.spyOn(host.service('slow'), 'create')
    await until('it is under way', () => called.mock.calls.length > 0)
    await finalize(host)
    expect(await call).toMatchObject({ name: 'Unavailable', data: { outcome: 'unknown' } })
  })

  it('reject and ignore an app without the plugin, respectively', async () => {
    const app = feathers()
    expect(await rejection(initialize(app))).toMatchObject({ name: 'ConfigurationError' })
    await finalize(app)
  })

  it('take the services of other nodes off the app while it is off the mesh', async () => {
    const { consumer } = await start()
    await finalize(consumer)
    expect(has(consumer, 'users')).toBe(false)
  })
})

describe('the plugin and forRoot on one app', () => {
  const transport = (): { transport: ReturnType<typeof nodes.transport> } => ({ transport: nodes.transport() })

  it('are refused in either order', () => {
    const first = nodes.app()
    expect(() => DistributedModule.forRoot({ app: first, ...transport() })).toThrow('on the mesh already')
    const second = feathers()
    DistributedModule.forRoot({ app: second, ...transport() })
    expect(() => second.configure(distribution(transport()))).toThrow('on the mesh already')
  })

  it('are refused, like the plugin applied twice', () => {
    const app = nodes.app()
    expect(() => app.configure(distribution(transport()))).toThrow('on the mesh already')
  })
})
