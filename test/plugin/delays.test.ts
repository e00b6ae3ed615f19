import { initialize } from 'feathers-mesh'
import { until } from '../until'
import { has, NamedService, pluginNodes, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

/** So long that no test sees the end of it. */
const LONG = 60_000

const isOnMesh = (app: PluginApp): boolean => app.remoteApps !== undefined

/** A consumer that has the service of a host without any delay: what it does not have by now is not announced. */
async function settled (): Promise<PluginApp> {
  const consumer = nodes.app()
  nodes.app().use('control', new NamedService('control'))
  await until('the control is there', () => has(consumer, 'control'))
  return consumer
}

afterEach(() => {
  for (const name of ['COTE_DELAY', 'PUBLICATION_DELAY', 'COMPONENT_DELAY', 'HEARTBEAT_INTERVAL']) {
    Reflect.deleteProperty(process.env, name)
  }
})

describe('coteDelay', () => {
  it('is none when nothing is said: the node joins by itself, before the app is set up', async () => {
    const app = nodes.app()
    expect(isOnMesh(app)).toBe(true)
    app.use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('of -1 leaves it to initialize', async () => {
    const app = nodes.app({ coteDelay: -1 })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    expect(isOnMesh(app)).toBe(false)
    expect(consumer.remoteApps?.default?.has(app.uuid)).toBe(false)
    await initialize(app)
    await until('it is there', () => has(consumer, 'users'))
  })

  it('of -1 leaves it to initialize also when the app is set up', async () => {
    const app = nodes.app({ coteDelay: -1 })
    await app.setup()
    expect(isOnMesh(app)).toBe(false)
    await app.teardown()
  })

  it('above 0 joins by itself later', async () => {
    const app = nodes.app({ coteDelay: 20 })
    app.use('users', new NamedService('host'))
    expect(isOnMesh(app)).toBe(false)
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('above 0 is not waited for by initialize', async () => {
    const app = nodes.app({ coteDelay: LONG })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    expect(isOnMesh(app)).toBe(false)
    await initialize(app)
    await until('it is there', () => has(consumer, 'users'))
  })
})

describe('publicationDelay', () => {
  it('is none when nothing is said: services are told at once', async () => {
    nodes.app().use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('keeps the services of a node that is there from others until it is over', async () => {
    const app = nodes.app({ publicationDelay: LONG })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    await until('the node is known', () => consumer.remoteApps?.default?.has(app.uuid))
    app.use('clocks', new NamedService('host'))
    const later = await settled()
    expect([has(consumer, 'users'), has(consumer, 'clocks'), has(later, 'users')]).toEqual([false, false, false])
  })

  it('tells them when it is over', async () => {
    nodes.app({ publicationDelay: 20 }).use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })
})

describe('componentDelay', () => {
  it('is taken, and delays nothing', async () => {
    nodes.coteApp({ componentDelay: LONG }).use('users', new NamedService('host'))
    const consumer = nodes.coteApp({ componentDelay: LONG })
    await until('it is there', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('host')
  })
})

/** A transport that counts how often services are told. */
function countingTransport (): { transport: ReturnType<typeof nodes.transport>, announce: jest.SpyInstance } {
  const transport = nodes.transport()
  return { transport, announce: jest.spyOn(transport, 'announce') }
}

describe('heartbeatInterval', () => {
  it('tells the services again and again', async () => {
    const { transport, announce } = countingTransport()
    nodes.app({ transport, heartbeatInterval: 5 })
    await until('they are told a few times', () => announce.mock.calls.length > 3)
  })

  it('is none when nothing is said', async () => {
    const timers = jest.spyOn(globalThis, 'setInterval')
    nodes.after(() => timers.mockRestore())
    await initialize(nodes.app())
    expect(timers).not.toHaveBeenCalled()
  })
})

describe('the environment variable', () => {
  it('COTE_DELAY stands for coteDelay', async () => {
    process.env.COTE_DELAY = '-1'
    const app = nodes.app()
    expect(isOnMesh(app)).toBe(false)
    await initialize(app)
    expect(isOnMesh(app)).toBe(true)
  })

  it('PUBLICATION_DELAY stands for publicationDelay', async () => {
    process.env.PUBLICATION_DELAY = String(LONG)
    const app = nodes.app()
    app.use('users', new NamedService('host'))
    Reflect.deleteProperty(process.env, 'PUBLICATION_DELAY')
    const consumer = await settled()
    await until('the node is known', () => consumer.remoteApps?.default?.has(app.uuid))
    expect(has(consumer, 'users')).toBe(false)
  })

  it('COMPONENT_DELAY is taken, and delays nothing', async () => {
    process.env.COMPONENT_DELAY = String(LONG)
    nodes.coteApp().use('users', new NamedService('host'))
    const consumer = nodes.coteApp()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('HEARTBEAT_INTERVAL stands for heartbeatInterval', async () => {
    process.env.HEARTBEAT_INTERVAL = '5'
    const { transport, announce } = countingTransport()
    nodes.app({ transport })
    await until('they are told a few times', () => announce.mock.calls.length > 3)
  })

  it('gives way to the option', async () => {
    process.env.COTE_DELAY = '-1'
    process.env.PUBLICATION_DELAY = String(LONG)
    nodes.app({ coteDelay: 0, publicationDelay: 0 }).use('users', new NamedService('host'))
    const consumer = nodes.app({ coteDelay: 0 })
    await until('it is there', () => has(consumer, 'users'))
  })

  it('that holds no number is as good as none', async () => {
    process.env.COTE_DELAY = 'soon'
    process.env.PUBLICATION_DELAY = ''
    nodes.app().use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })
})
