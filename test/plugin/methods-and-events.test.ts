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

describe('distributedMethods', () => {
  it('are the six standard methods when nothing is said', async () => {
    nodes.app().use('users', new NamedService('host'), CUSTOM)
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find'])
    expect(serviceOf<Partial<Named>>(consumer, 'users').greet).toBeUndefined()
  })

  it('let custom methods out when they name them', async () => {
    const service = new NamedService('host')
    nodes.app({ distributedMethods: ['find', 'greet'] }).use('users', service, CUSTOM)
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find', 'greet'])
    const params = { query: { loud: 'yes' } }
    expect(await serviceOf<Named>(consumer, 'users').greet({ name: 'ann' }, params)).toBe('ann, greetings from host')
    expect(service.params[0]).toMatchObject({ query: { loud: 'yes' }, fromRemote: true })
  })

  it('keep standard methods in when they leave them out', async () => {
    nodes.app({ distributedMethods: ['find'] }).use('users', new NamedService('host'))
    const consumer = nodes.app()
    expect(await methodsOf(consumer, 'users')).toEqual(['find'])
    expect(serviceOf<Partial<Named>>(consumer, 'users').create).toBeUndefined()
  })

  it('of one service limit what it lets out, as an option of app.use', async () => {
    const host = nodes.app({ distributedMethods: ['find', 'create', 'greet'] })
    host.use('users', new NamedService('host'), { methods: ['find', 'create', 'greet'], distributedMethods: ['greet'] })
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['greet'])
  })

  it('of one service limit what it lets out, as service.options', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host', { distributedMethods: ['create'] }))
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['create'])
  })

  it('of one service do not widen what its node lets out', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { ...CUSTOM, distributedMethods: ['find', 'greet'] })
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['find'])
  })

  it('are all methods of a node made by forRoot when nothing is said', async () => {
    const app = feathers()
    app.use('users', new NamedService('host'), CUSTOM)
    const mesh = DistributedModule.forRoot({ app, transport: nodes.transport() })
    nodes.after(() => mesh.stop())
    await mesh.start()
    expect(await methodsOf(nodes.app(), 'users')).toEqual(['find', 'greet'])
  })
})

/** What a consumer hears of a service, by the names of the events. */
function listen (app: PluginApp, path: string, ...events: string[]): unknown[] {
  const heard: unknown[] = []
  for (const event of events) app.service(path).on(event, (data: { name: string }) => heard.push(`${event} ${data.name}`))
  return heard
}

/** Emits all events, each with its payload, the last of them as a sign of the end. */
function emitAll (app: PluginApp, path: string, ...events: string[]): void {
  for (const event of events) app.service(path).emit(event, { name: 'ann' })
}

describe('distributedEvents', () => {
  const EVENTS = ['created', 'removed', 'waved', 'patched']

  async function heardOf (host: PluginApp, consumer: PluginApp, last: string): Promise<unknown[]> {
    await until('it is there', () => has(consumer, 'users'))
    const heard = listen(consumer, 'users', ...EVENTS)
    emitAll(host, 'users', ...EVENTS)
    await until('the last one is heard', () => heard.includes(`${last} ann`))
    return heard
  }

  it('are all events when nothing is said, custom ones too', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'patched')).toEqual(EVENTS.map(event => `${event} ann`))
  })

  it('limit the events that a node sends', async () => {
    const host = nodes.app({ distributedEvents: ['created', 'waved'] })
    host.use('users', new NamedService('host'), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'waved')).toEqual(['created ann', 'waved ann'])
  })

  it('limit the events that a node takes', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'] })
    const consumer = nodes.app({ distributedEvents: ['created', 'waved'] })
    expect(await heardOf(host, consumer, 'waved')).toEqual(['created ann', 'waved ann'])
  })

  it('of one service limit what it sends, as an option of app.use', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host'), { events: ['waved'], distributedEvents: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'waved')).toEqual(['waved ann'])
  })

  it('of one service limit what it sends, as service.options', async () => {
    const host = nodes.app()
    host.use('users', new NamedService('host', { distributedEvents: ['removed'] }), { events: ['waved'] })
    expect(await heardOf(host, nodes.app(), 'removed')).toEqual(['removed ann'])
  })
})

describe('publishEvents', () => {
  it('sends no event when it is false, while calls go on and the events of others come', async () => {
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
  it('is refused, whoever asks for it, and not run', async () => {
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
