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

describe('the option coteDelay', () => {
  it('is absent by default, so that the node joins automatically before the app is set up', async () => {
    const app = nodes.app()
    expect(isOnMesh(app)).toBe(true)
    app.use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('leaves joining to initialize when it is -1', async () => {
    const app = nodes.app({ coteDelay: -1 })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    expect(isOnMesh(app)).toBe(false)
    expect(consumer.remoteApps?.default?.has(app.uuid)).toBe(false)
    await initialize(app)
    await until('it is there', () => has(consumer, 'users'))
  })

  it('leaves joining to initialize when it is -1, even if the app is set up', async () => {
    const app = nodes.app({ coteDelay: -1 })
    await app.setup()
    expect(isOnMesh(app)).toBe(false)
    await app.teardown()
  })

  it('makes the node join automatically later when it is above 0', async () => {
    const app = nodes.app({ coteDelay: 20 })
    app.use('users', new NamedService('host'))
    expect(isOnMesh(app)).toBe(false)
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('does not delay initialize when it is above 0', async () => {
    const app = nodes.app({ coteDelay: LONG })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    expect(isOnMesh(app)).toBe(false)
    await initialize(app)
    await until('it is there', () => has(consumer, 'users'))
  })
})

describe('the option publicationDelay', () => {
  it('is absent by default, so that services are announced at once', async () => {
    nodes.app().use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('hides the services of a known node from others until it has passed', async () => {
    const app = nodes.app({ publicationDelay: LONG })
    app.use('users', new NamedService('host'))
    const consumer = await settled()
    await until('the node is known', () => consumer.remoteApps?.default?.has(app.uuid))
    app.use('clocks', new NamedService('host'))
    const later = await settled()
    expect([has(consumer, 'users'), has(consumer, 'clocks'), has(later, 'users')]).toEqual([false, false, false])
  })

  it('announces the services when it has passed', async () => {
    nodes.app({ publicationDelay: 20 }).use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })
})

describe('the option componentDelay', () => {
  it('is accepted without any effect', async () => {
    nodes.coteApp({ componentDelay: LONG }).use('users', new NamedService('host'))
    const consumer = nodes.coteApp({ componentDelay: LONG })
    await until('it is there', () => has(consumer, 'users'))
    expect(await consumer.service('users').find()).toBe('host')
  })
})

/** A transport that counts announcements. */
function countingTransport (): { transport: ReturnType<typeof nodes.transport>, announce: jest.SpyInstance } {
  const transport = nodes.transport()
  return { transport, announce: jest.spyOn(transport, 'announce') }
}

describe('the option heartbeatInterval', () => {
  it('announces the services repeatedly', async () => {
    const { transport, announce } = countingTransport()
    nodes.app({ transport, heartbeatInterval: 5 })
    await until('they are told a few times', () => announce.mock.calls.length > 3)
  })

  it('is off by default', async () => {
    const timers = jest.spyOn(globalThis, 'setInterval')
    nodes.after(() => timers.mockRestore())
    const { transport, announce } = countingTransport()
    await initialize(nodes.app({ transport }))
    const { length } = announce.mock.calls
    for (const [action] of timers.mock.calls) action()
    expect(announce.mock.calls).toHaveLength(length)
  })
})

describe('the environment variable', () => {
  it('COTE_DELAY sets coteDelay', async () => {
    process.env.COTE_DELAY = '-1'
    const app = nodes.app()
    expect(isOnMesh(app)).toBe(false)
    await initialize(app)
    expect(isOnMesh(app)).toBe(true)
  })

  it('PUBLICATION_DELAY sets publicationDelay', async () => {
    process.env.PUBLICATION_DELAY = String(LONG)
    const app = nodes.app()
    app.use('users', new NamedService('host'))
    Reflect.deleteProperty(process.env, 'PUBLICATION_DELAY')
    const consumer = await settled()
    await until('the node is known', () => consumer.remoteApps?.default?.has(app.uuid))
    expect(has(consumer, 'users')).toBe(false)
  })

  it('COMPONENT_DELAY is accepted without any effect', async () => {
    process.env.COMPONENT_DELAY = String(LONG)
    nodes.coteApp().use('users', new NamedService('host'))
    const consumer = nodes.coteApp()
    await until('it is there', () => has(consumer, 'users'))
  })

  it('HEARTBEAT_INTERVAL sets heartbeatInterval', async () => {
    process.env.HEARTBEAT_INTERVAL = '5'
    const { transport, announce } = countingTransport()
    nodes.app({ transport })
    await until('they are told a few times', () => announce.mock.calls.length > 3)
  })

  it('COTE_DELAY yields to the option, and so does PUBLICATION_DELAY', async () => {
    process.env.COTE_DELAY = '-1'
    process.env.PUBLICATION_DELAY = String(LONG)
    nodes.app({ coteDelay: 0, publicationDelay: 0 }).use('users', new NamedService('host'))
    const consumer = nodes.app({ coteDelay: 0 })
    await until('it is there', () => has(consumer, 'users'))
  })

  it('COTE_DELAY is ignored without a number, and so is PUBLICATION_DELAY', async () => {
    process.env.COTE_DELAY = 'soon'
    process.env.PUBLICATION_DELAY = ''
    nodes.app().use('users', new NamedService('host'))
    const consumer = nodes.app()
    await until('it is there', () => has(consumer, 'users'))
  })
})
