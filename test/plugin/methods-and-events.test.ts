import type { Application } from '@feathersjs/feathers'
import { feathers, getServiceOptions } from '@feathersjs/feathers'
import { DistributedModule } from 'feathers-mesh'
import { BareNode } from '../bare-node'
import { rejection, until } from '../until'
import { has, NamedService, pluginNodes, serviceOf, type Named, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

const CUSTOM = { methods: ['find', 'greet'] }

/** The remote service on an app, and the names of its methods. */
async function methodsOf (app: Application, path: string): Promise<readonly string[] | undefined> {
  await until(`${path} is there`, () => has(app, path))
  return getServiceOptions(app.service(path)).methods
}

describe('the option distributedMethods', () => {
  it('contains the six standard methods by default', async () => {
    nodes.app().use('users', new NamedService('host'), CUSTOM)
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find'])
    expect(serviceOf<Partial<Named>>(consumer, 'users').greet).toBeUndefined()
  })

  it('offers the custom methods that it names', async () => {
    const service = new NamedService('host')
    nodes.app({ distributedMethods: ['find', 'greet'] }).use('users', service, CUSTOM)
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find', 'greet'])
    const params = { query: { loud: 'yes' } }
    expect(await serviceOf<Named>(consumer, 'users').greet({ name: 'ann' }, params)).toBe('ann, greetings from host')
    expect(service.params[0]).toMatchObject({ query: { loud: 'yes' }, fromRemote: true })
  })

  it('hides the standard methods that it leaves out', async () => {
    nodes.app({ distributedMethods: ['find'] }).use('users', new NamedService('host'))
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find'])
    expect(serviceOf<Partial<Named>>(consumer, 'users').create).toBeUndefined()
  })

  it('limits the methods of one service when it is an option of app.use', async () => {
    const host = nodes.app({ distributedMethods: ['find', 'create', 'greet'] })
    host.use('users', new NamedService('host'), { methods: ['find', 'create', 'greet'], distributedMethods: ['greet'] })
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['greet'])
  })

  it('limits the methods of one service when it is in service.options', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host', { distributedMethods: ['create'] }))
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['create'])
  })

  it('cannot offer more methods of one service than its node offers', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { ...CUSTOM, distributedMethods: ['find', 'greet'] })
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['find'])
  })

  it('contains all methods by default on a node made by forRoot', async () => {
    const app = feathers()
    app.use('users', new NamedService('host'), CUSTOM)
    const mesh = DistributedModule.forRoot({ app, transport: nodes.transport() })
    nodes.after(() => mesh.stop())
    await mesh.start()
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['find', 'greet'])
  })
})

/** The events that a consumer receives from a service, by name. */
function listen (app: PluginApp, path: string, ...events: string[]): unknown[] {
  const heard: unknown[] = []
  for (const event of events) app.service(path).on(event, (data: { name: string }) => heard.push(`${event} ${data.name}`))
  return heard
}

/** Emits all events, each with its payload, the last of them as a sign of the end. */
function emitAll (app: PluginApp, path: string, ...events: string[]): void {
  for (const event of events) app.service(path).emit(event, { name: 'ann' })
}

describe('the option distributedEvents', () => {
  const EVENTS = ['created', 'removed', 'waved', 'patched']

  async function heardOf (host: PluginApp, consumer: PluginApp, last: string): Promise<unknown[]> {
    await until('it is there', () => has(consumer, 'users'))
    const heard = listen(consumer, 'users', ...EVENTS)
    emitAll(host, 'users', ...EVENTS)
    await until('the last one is heard', () => heard.includes(`${last} ann`))
    return heard
  }

  it('contains all events by default, including custom ones', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'patched')).toEqual(EVENTS.map(event => `${event} ann`))
  })

  it('limits the events that a node sends', async () => {
    const host = nodes.app({ distributedEvents: ['created', 'waved'] })
    host.use('users', new NamedService('host'), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'waved')).toEqual(['created ann', 'waved ann'])
  })

  it('limits the events that a node receives', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'] })
    const consumer = nodes.app({ distributedEvents: ['created', 'waved'] })
    expect(await heardOf(host, consumer, 'waved')).toEqual(['created ann', 'waved ann'])
  })

  it('limits the events of one service when it is an option of app.use', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'], distributedEvents: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'waved')).toEqual(['waved ann'])
  })

  it('limits the events of one service when it is in service.options', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host', { distributedEvents: ['removed'] }), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'removed')).toEqual(['removed ann'])
  })
})

describe('the option publishEvents', () => {
  it('stops all outgoing events when it is false, while calls and incoming events continue', async () => {
    const silent = nodes.app({ publishEvents: false, key: 'silent' })
    silent.use('users', new NamedService('silent'))
    const loud = nodes.app({ key: 'loud' })
    loud.use('clocks', new NamedService('loud'))
    const consumer = nodes.app()
    await until('both are there', () => has(consumer, 'users') && has(consumer, 'clocks'))
    const heard = [...listen(consumer, 'users', 'created')]
    const ticks = listen(consumer, 'clocks', 'created')
    await consumer.service('users').create({ name: 'ann' })
    await consumer.service('clocks').create({ name: 'tick' })
    await until('the other one is heard', () => ticks.length > 0)
    expect(heard).toEqual([])

    await until('it knows the other one', () => has(silent, 'clocks'))
    const own = listen(silent, 'clocks', 'created')
    await consumer.service('clocks').create({ name: 'tock' })
    await until('it hears', () => own.length > 0)
  })

  it('leaves app.serviceEventsPublisher undefined when it is false', async () => {
    const silent = nodes.app({ publishEvents: false })
    const loud = nodes.app()
    expect(silent.remoteApps).toBeDefined()
    expect(silent.serviceEventsPublisher).toBeUndefined()
    expect(loud.serviceEventsPublisher).toBeDefined()
  })
})

describe('a method that is not offered', () => {
  it('is refused for every caller and never runs', async () => {
    const service = new NamedService('host')
    const host = nodes.app()
    host.use('users', service, CUSTOM)
    const stranger = await new BareNode(nodes.transport()).start()
    nodes.after(() => stranger.transport.stop(0))
    await until('they know each other', () => stranger.peers.get(host.uuid)?.contracts.length)
    for (const type of ['greet', 'create', 'constructor']) {
      const error = await rejection(stranger.ask(host.uuid, { method: type, path: 'users', data: {} }))
      expect(error.message).toBe(`users.${type}() is not offered by this node`)
    }
    expect(service.calls).toEqual([])
  })
})
