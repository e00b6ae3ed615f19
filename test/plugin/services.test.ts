import { MemoryService } from '@feathersjs/memory'
import { rejection, until } from '../until'
import { has, NamedService, pluginNodes, serviceOf, type Named } from './plugin-nodes'

const nodes = pluginNodes()

describe('the option services', () => {
  it('includes all services by default', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'))
    host.use('clocks', new NamedService('host'))
    const consumer = nodes.app()
    await until('both are there', () => has(consumer, 'users') && has(consumer, 'clocks'))
    expect(await consumer.service('clocks').find()).toBe('host')
  })

  it('includes only the services of a list', async () => {
    const host = nodes.app({ services: ['users', 'api/clocks'] })
    host.use('secrets', new NamedService('host'))
    host.use('/api/clocks', new NamedService('host'))
    host.use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('both are there', () => has(consumer, 'users') && has(consumer, 'api/clocks'))
    expect(has(consumer, 'secrets')).toBe(false)
  })

  it('includes no services when the list is empty', async () => {
    const host = nodes.app({ services: [] })
    host.use('users', new NamedService('host'))
    nodes.app({ key: 'control' }).use('control', new NamedService('control'))
    const consumer = nodes.app()
    await until('the control is there', () => has(consumer, 'control'))
    await until('the host is known', () => consumer.remoteApps?.default?.has(host.uuid))
    expect(has(consumer, 'users')).toBe(false)
  })

  it('includes the services for which a function returns true', async () => {
    const asked: unknown[] = []
    const host = nodes.app({
      key: 'backend',
      services: service => {
        asked.push(service)
        return service.path !== 'secrets'
      }
    })
    host.use('secrets', new NamedService('host'))
    host.use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
    expect(has(consumer, 'secrets')).toBe(false)
    expect(asked[0]).toEqual({
      uuid: host.uuid,
      shortUuid: host.shortUuid,
      key: 'backend',
      path: 'secrets',
      methods: ['find', 'create'],
      events: ['created', 'updated', 'patched', 'removed']
    })
  })

  it('counts as omitted when it is null, as in a configuration file', async () => {
    const nothing = null as never
    const host = nodes.app({ services: nothing, remoteServices: nothing, distributedMethods: nothing })
    host.use('users', new NamedService('host'), { methods: ['find', 'greet'] })
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
    expect(serviceOf<Partial<Named>>(consumer, 'users').greet).toBeUndefined()
  })
})

describe('the option remoteServices', () => {
  it.each([
    ['a list', ['users']],
    ['a function', ({ path }: { path: string }) => path === 'users']
  ])('keeps other services off the app when it is %s', async (_how, remoteServices) => {
    const host = nodes.app()
    host.use('clocks', new NamedService('host'))
    host.use('users', new NamedService('host'))
    const consumer = nodes.app({ remoteServices })
    await until('it is there', () => has(consumer, 'users'))
    expect(has(consumer, 'clocks')).toBe(false)
  })

  it('puts only the services of a list on the app', async () => {
    nodes.app().use('users', new NamedService('host')).use('clocks', new NamedService('host'))
    const consumer = nodes.app({ remoteServices: ['clocks'] })
    await until('it is there', () => has(consumer, 'clocks'))
    expect(has(consumer, 'users')).toBe(false)
  })

  it('calls a function with the description of each service', async () => {
    const asked: unknown[] = []
    const host = nodes.app({ key: 'backend' })
    host.use('users', new NamedService('host'))
    const consumer = nodes.app({ remoteServices: service => asked.push(service) > 0 })
    await until('it is there', () => has(consumer, 'users'))
    expect(asked[0]).toEqual({
      uuid: host.uuid,
      shortUuid: host.shortUuid,
      key: 'backend',
      path: 'users',
      methods: ['find', 'create'],
      events: ['created', 'updated', 'patched', 'removed']
    })
  })
})

describe('the option remoteServicePath', () => {
  const remoteServicePath = ({ path }: { path: string }): string => path === 'users' ? 'remote-users' : path

  it('gives a remote service another path, beside a local one with the same name', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'))
    host.use('clocks', new NamedService('host'))
    const consumer = nodes.app({ remoteServicePath })
    consumer.use('users', new NamedService('consumer'))
    await until('both are there', () => has(consumer, 'remote-users') && has(consumer, 'clocks'))
    expect(await consumer.service('remote-users').find()).toBe('host')
    expect(await consumer.service('users').find()).toBe('consumer')
  })

  it('applies to events and their hook contexts', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'))
    const consumer = nodes.app({ remoteServicePath })
    await until('it is there', () => has(consumer, 'remote-users'))
    const heard: unknown[] = []
    consumer.service('remote-users').on('created', (user, { path }) => heard.push([user, path]))
    await consumer.service('remote-users').create({ name: 'ann' })
    await until('it is heard', () => heard.length > 0)
    expect(heard).toEqual([[{ name: 'ann', by: 'host' }, 'remote-users']])
  })
})

describe('the option remoteServiceOptions', () => {
  it('selects the service options that callers find in remoteOptions', async () => {
    const shared = ['paginate', 'color', 'none']
    const host = nodes.app({ remoteServiceOptions: ({ path }) => path === 'users' ? shared : null })
    host.use('users', new MemoryService({ paginate: { default: 5 } }), { color: 'red', secret: 1 } as object)
    host.use('clocks', new NamedService('host', { color: 'blue' }))
    const consumer = nodes.app()
    await until('both are there', () => has(consumer, 'users') && has(consumer, 'clocks'))
    expect(consumer.service('users')).toHaveProperty('remoteOptions', { paginate: { default: 5 }, color: 'red' })
    expect(consumer.service('clocks')).toHaveProperty('remoteOptions', undefined)
  })
})

describe('the option key', () => {
  it('is `default` by default', () => {
    expect(nodes.app().distributionKey).toBe('default')
  })

  it('separates the services of nodes with different keys', async () => {
    const users = nodes.app({ key: 'users' })
    users.use('users', new NamedService('users'))
    const clocks = nodes.app({ key: 'clocks' })
    clocks.use('clocks', new NamedService('clocks'))
    const consumer = nodes.app({ key: 'consumer' })
    await until('both are there', () => has(consumer, 'users') && has(consumer, 'clocks'))
    expect(consumer.remoteApps).toEqual({ users: new Set([users.uuid]), clocks: new Set([clocks.uuid]) })
    expect(await consumer.service('users').find()).toBe('users')
  })

  it('makes nodes with the same key replicas that share the calls', async () => {
    const replicas = ['one', 'two'].map(name => {
      const service = new NamedService(name)
      nodes.app({ key: 'users' }).use('users', service)
      return service
    })
    const consumer = nodes.app()
    await until('both are known', () => consumer.remoteApps?.users?.size === 2)
    await until('both are asked', async () => {
      await consumer.service('users').find()
      return replicas.every(({ calls }) => calls.length > 0)
    })
  })
})

describe('the option timeout', () => {
  it('ends a call that nobody answers', async () => {
    const host = nodes.app()
    const consumer = nodes.app({ timeout: 50 })
    host.use('slow', nodes.slowService())
    await until('it is there', () => has(consumer, 'slow'))
    expect(await rejection(consumer.service('slow').find())).toMatchObject({ name: 'Timeout', code: 408 })
  })

  it('is 20 seconds by default', async () => {
    const host = nodes.app()
    const consumer = nodes.app({ timeout: undefined })
    const slow = nodes.slowService()
    host.use('slow', slow)
    await until('it is there', () => has(consumer, 'slow'))
    const timers = jest.spyOn(globalThis, 'setTimeout')
    nodes.after(() => timers.mockRestore())
    void consumer.service('slow').find()
    await until('the call is under way', () => slow.calls.length > 0)
    expect(timers.mock.calls.map(([, delay]) => delay)).toContain(20_000)
  })
})

describe('a local service', () => {
  it('takes precedence over a remote one, and local calls do not use the mesh', async () => {
    const other = new NamedService('other')
    nodes.app().use('users', other)
    const app = nodes.app()
    app.use('users', new NamedService('own'))
    await until('the other node is known', () => app.remoteApps?.default?.size === 1)
    expect(await app.service('users').find()).toBe('own')
    expect(other.calls).toEqual([])
  })
})
