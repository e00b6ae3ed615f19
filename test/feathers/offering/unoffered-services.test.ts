import { feathers, type Application } from '@feathersjs/feathers'
import distribution, { finalize, initialize } from 'feathers-mesh'
import { memoryMesh } from '../../memory-mesh'
import { TodoService } from '../../todo-service'
import { until } from '../../until'

const mesh = memoryMesh()
const found = { find: async () => ['found'] }

let warned: jest.SpyInstance
beforeEach(() => { warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {}) })
afterEach(() => warned.mockRestore())

const warnings = (): unknown[] => warned.mock.calls.map(([message]: unknown[]) => message)

describe('a path in the option `services` without a service', () => {
  it('causes one warning at start, with a suggestion', async () => {
    const app = feathers().use('orders', found).use('order', found).use('users', found)
    const node = await mesh.start({ app, services: ['oders', 'zebras', '/users/'] })
    await node.start()
    expect(warnings()).toEqual([
      "option 'services' names 'oders', where the app has no service; did you mean 'orders'?",
      "option 'services' names 'zebras', where the app has no service; it has: order, orders, users"
    ])
    expect(node.services().map(({ path }) => path)).toEqual(['users'])
  })

  it('causes a warning when the setup has ended and it is still missing', async () => {
    const app: Application = feathers()
    mesh.node({ app, services: ['late', 'never', TodoService] })
    app.use('early', { find: async () => 'early', setup: async () => { app.use('late', found) } } as object)
    await app.setup()
    expect(warnings()).toEqual([
      "option 'services' names 'never', where the app has no service; it has: early, late, todos"
    ])
  })

  it('causes a warning with the plugin when the app is set up', async () => {
    const app: Application = feathers()
    app.configure(distribution({ transport: mesh.transport(), services: ['oders'] }))
    app.use('orders', found)
    await app.setup()
    expect(warnings()).toEqual([
      "option 'services' names 'oders', where the app has no service; did you mean 'orders'?"
    ])
    await finalize(app)
  })

  it('causes a warning with the plugin at initialize', async () => {
    const app: Application = feathers()
    app.configure(distribution({ transport: mesh.transport(), services: ['oders'], coteDelay: -1 }))
    await initialize(app)
    expect(warnings()).toEqual(["option 'services' names 'oders', where the app has no service"])
    await finalize(app)
  })

  it('causes a warning with the plugin after a while when the app is never set up', async () => {
    const app: Application = feathers()
    app.configure(distribution({ transport: mesh.transport(), services: ['oders'] }))
    expect(warnings()).toEqual([])
    await until('the warning', () => warnings().length === 1)
    await finalize(app)
  })

  it('causes a warning with the reason when its service cannot be offered', async () => {
    await mesh.start({ app: feathers().use('users', found) })
    const app: Application = feathers()
    app.use('jobs', { setup: async () => {} } as object)
    const services = ['users', 'jobs', 'distribution/healthcheck', 'constructor']
    app.use('constructor', found)
    const node = mesh.node({ app, services, remotes: ['users'] })
    await node.start()
    expect(warnings()).toEqual([
      "the service 'constructor' of this app is not offered to other nodes, as every object has something that is " +
        "called 'constructor'; use it at another path if they are to call it",
      "option 'services' names 'users', where the app has a service of another node, which is not offered again",
      "option 'services' names 'jobs', which has no method that can be called over the mesh",
      "option 'services' names 'distribution/healthcheck', which tells the health of this node and is not offered"
    ])
  })
})

describe('a service on a path that the mesh cannot have', () => {
  it.each([
    ['/', 'the root of an app has no name on the mesh'],
    ['constructor', "every object has something that is called 'constructor'"],
    ['a/toString', "every object has something that is called 'toString'"],
    ['a//b', 'a part of it is empty']
  ])('causes one warning, works locally and is not offered at %s', async (path, reason) => {
    const host = await mesh.start()
    const caller = await mesh.start()
    host.app.use(path, found).use('control', found)
    await host.app.unuse(path)
    host.app.use(path, found)
    const warning = new RegExp(`^the service '.+' of this app is not offered to other nodes, as ${reason}; use it at`)
    expect(warnings()).toEqual([expect.stringMatching(warning)])
    await until('the control is there', () => caller.services().length > 0)
    expect([host, caller].map(node => node.services().map(service => service.path))).toEqual([['control'], ['control']])
    expect(await host.app.service(path).find()).toEqual(['found'])
  })

  it('causes a warning when it was registered before the mesh', () => {
    mesh.node({ app: feathers().use('/', found) })
    expect(warnings()).toHaveLength(1)
  })

  it('causes no warning when the option `services` leaves it out', () => {
    mesh.node({ app: feathers().use('/', found), services: [] })
    expect(warnings()).toEqual([])
  })
})

describe('a method with a name that a remote cannot have', () => {
  it('causes a warning, and the other methods stay callable', async () => {
    const app: Application = feathers()
    app.use('jobs', { find: async () => [], path: async () => 'here' } as object, { methods: ['find', 'path'] })
    await mesh.start({ app })
    expect(warnings()).toEqual([expect.stringMatching(/^'jobs': remotes can't have path, as they keep such names/)])
    const caller = await mesh.start({ remotes: ['jobs'] })
    expect(await caller.remote<{ find (): Promise<unknown> }>('jobs').find()).toEqual([])
  })
})
