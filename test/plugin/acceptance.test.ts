import { AuthenticationService, authenticate, JWTStrategy } from '@feathersjs/authentication'
import authenticationClient from '@feathersjs/authentication-client'
import { hooks as localHooks, LocalStrategy } from '@feathersjs/authentication-local'
import express from '@feathersjs/express'
import { errorHandler, json, rest } from '@feathersjs/express'
import { feathers, type Application, type HookContext } from '@feathersjs/feathers'
import { MemoryService } from '@feathersjs/memory'
import restClient from '@feathersjs/rest-client'
import socketio from '@feathersjs/socketio'
import socketioClient from '@feathersjs/socketio-client'
import type {} from '@feathersjs/transport-commons'
import { finalize, type DistributionOptions, type Middleware } from 'feathers-mesh'
import { io } from 'socket.io-client'
import { rejection, until } from '../until'
import { has, pluginNodes, serviceOf, type PluginApp } from './plugin-nodes'

const nodes = pluginNodes()

const EVENTS = ['created', 'updated', 'patched', 'removed', 'custom']
const METHODS = ['find', 'get', 'create', 'update', 'patch', 'remove', 'custom']
const ANN = { email: 'ann@example.com', password: 'a password' }

interface User { id: number, email: string, password?: string }

/** What clients see of the services. */
interface Users {
  find (params?: object): Promise<User[]>
  get (id: number): Promise<User>
  create (data: object): Promise<User>
  patch (id: number, data: object): Promise<User>
  remove (id: number): Promise<User>
  on (event: string, listener: (user: User) => void): void
}

interface Custom {
  find (): Promise<unknown[]>
  create (data: object): Promise<object>
  custom (data: object): Promise<object>
}

/** The dynamically added service, with a method and an event of its own. */
class CustomService extends MemoryService {
  async custom (data: { name: string }, params: { fromRemote?: boolean }): Promise<object> {
    const answer = { ...data, fromRemote: params.fromRemote === true }
    ;(this as unknown as { emit (event: string, data: object): void }).emit('custom', answer)
    return answer
  }
}

const quiet = { error: () => {}, info: () => {} }

/** An Express app with REST, socket.io and the plugin, whose key is its number. */
function makeApp (index: number, options: DistributionOptions): PluginApp {
  const app = express(feathers())
  app.use(json())
  app.configure(rest())
  app.configure(socketio())
  app.on('connection', connection => app.channel('everybody').join(connection))
  app.publish(() => app.channel('everybody'))
  app.set('authentication', {
    secret: 'one secret for all nodes',
    entity: 'user',
    entityId: 'id',
    service: 'users',
    authStrategies: ['jwt', 'local'],
    jwtOptions: { header: { typ: 'access' }, audience: 'https://example.com', algorithm: 'HS256', expiresIn: '1d' },
    local: { usernameField: 'email', passwordField: 'password' }
  })
  const listen = app.listen.bind(app)
  const onLoopback = Object.assign(app, { listen: (port: number) => listen(port, '127.0.0.1') })
  return nodes.coteApp({
    key: String(index),
    distributedEvents: EVENTS,
    distributedMethods: METHODS,
    remoteServicePath: ({ path }) => path === 'custom' ? 'custom-name' : path,
    middlewares: { after: errorHandler({ logger: quiet }) as unknown as Middleware },
    ...options
  }, onLoopback)
}

/** The users, whom only those see who are logged in; anybody may sign up. */
function useUsers (app: PluginApp): void {
  app.use('users', new MemoryService())
  const asUser = authenticate('jwt')
  app.service('users').hooks({
    before: {
      find: [asUser],
      get: [asUser],
      patch: [asUser],
      remove: [asUser],
      create: [localHooks.hashPassword('password')]
    },
    // Whatever leaves for a client, from here or over another node, has no password.
    after: {
      all: [({ params, result }: HookContext) => {
        if (params.provider !== undefined) for (const user of [result].flat() as User[]) delete user.password
      }]
    }
  })
}

/** The authentication service, which needs the users to be there, and the port. */
async function open (app: PluginApp): Promise<string> {
  await until('the users are there', () => has(app, 'users'))
  const authentication = new AuthenticationService(app)
  authentication.register('jwt', new JWTStrategy())
  authentication.register('local', new LocalStrategy())
  app.use('authentication', authentication)
  // For the services that were there before; those of other nodes have it by their middlewares.
  ;(app as unknown as { use (handler: unknown): void }).use(errorHandler({ logger: quiet }))
  return await nodes.listen(app)
}

type Client = ReturnType<typeof restOf>

function restOf (url: string): Application & { authenticate (login: object): Promise<{ accessToken: string }> } {
  const client = feathers()
  client.configure(restClient(url).fetch(fetch))
  client.configure(authenticationClient({ storageKey: url }))
  return client as unknown as Application & { authenticate (login: object): Promise<{ accessToken: string }> }
}

function socketOf (url: string): Client {
  const socket = io(url, { transports: ['websocket'], forceNew: true })
  nodes.after(() => socket.disconnect())
  const client = feathers()
  client.configure(socketioClient(socket))
  client.configure(authenticationClient({ storageKey: url }))
  return client as unknown as Client
}

const CLIENTS: ReadonlyArray<[string, (url: string) => Client]> = [['REST', restOf], ['socket.io', socketOf]]

/** Logs in with an e-mail address and a password. */
async function logIn (client: Client): Promise<string> {
  return (await client.authenticate({ strategy: 'local', ...ANN })).accessToken
}

let apps: PluginApp[]
let urls: string[]

/** A gateway with users; two nodes that have nothing of their own; one that has a service without events. */
beforeEach(async () => {
  const gateway = makeApp(0, { services: ({ path }) => path !== 'authentication' })
  useUsers(gateway)
  const url = await open(gateway)
  // Before anybody could receive its event.
  await gateway.service('users').create(ANN)
  const silent = makeApp(3, { services: ['no-events'], publishEvents: false })
  silent.use('no-events', new CustomService(), { methods: METHODS, events: ['custom'] })
  const others = [makeApp(1, { services: [] }), makeApp(2, { services: [] }), silent]
  apps = [gateway, ...others]
  urls = [url, ...await Promise.all(others.map(open))]
  const arrived = (app: PluginApp): boolean => Object.keys(app.remoteApps ?? {}).length === 3 && has(app, 'no-events')
  await until('all know each other', () => apps.every(arrived))
})

/** Adds the custom service to the gateway, which has been running for a while. */
async function addCustom (): Promise<void> {
  const [gateway, ...others] = apps as [PluginApp, ...PluginApp[]]
  gateway.use('custom', new CustomService(), {
    methods: METHODS, events: ['custom'], distributedEvents: ['created', 'custom']
  })
  await until('all others have it', () => others.every(app => has(app, 'custom-name')))
}

describe('a mesh of four nodes', () => {
  it('shows each node the services of the others, and its own services only as local ones', async () => {
    const [gateway, one, two, silent] = apps as [PluginApp, PluginApp, PluginApp, PluginApp]
    expect(gateway.service('users')).not.toHaveProperty('remote')
    expect(silent.service('no-events')).not.toHaveProperty('remote')
    for (const app of [one, two, silent]) expect(app.service('users')).toMatchObject({ remote: true, key: '0' })
    for (const app of [gateway, one, two]) expect(app.service('no-events')).toMatchObject({ remote: true, key: '3' })
    expect(one.remoteApps).toEqual({ 0: new Set([gateway.uuid]), 2: new Set([two.uuid]), 3: new Set([silent.uuid]) })
  })

  it('shows a service that is added later under its path for other nodes, until it is removed', async () => {
    await addCustom()
    const [gateway, ...others] = apps as [PluginApp, ...PluginApp[]]
    for (const app of others) {
      expect(has(app, 'custom')).toBe(false)
      expect(await app.service('custom-name').find()).toEqual([])
    }
    await gateway.unuse('custom')
    await until('it is gone', () => others.every(app => !has(app, 'custom-name')))
  })

  it('reports the health of each key on each node', async () => {
    for (const url of urls.slice(1)) {
      expect(await (await fetch(`${url}/distribution/healthcheck/0`)).json()).toEqual({ users: true })
    }
    expect(await (await fetch(`${urls[0]}/distribution/healthcheck/3`)).json()).toEqual({ 'no-events': true })
    expect(await (await fetch(`${urls[0]}/distribution/healthcheck/1`)).json()).toEqual({})
    expect((await fetch(`${urls[0]}/distribution/healthcheck/9`)).status).toBe(404)
  })

  it('keeps working when a node leaves', async () => {
    const [gateway, one, two] = apps as [PluginApp, PluginApp, PluginApp]
    await finalize(gateway)
    await until('the users are gone', () => !has(one, 'users') && !has(two, 'users'))
    expect(await one.service('no-events').find()).toEqual([])
  })
})

describe.each(CLIENTS)('a client over %s', (_name, connect) => {
  it('is refused on every node when it has no token', async () => {
    for (const url of urls) {
      const error = await rejection(serviceOf<Users>(connect(url), 'users').find())
      expect(error).toMatchObject({ name: 'NotAuthenticated', code: 401 })
    }
  })

  it('is refused on every node when its password is wrong', async () => {
    for (const url of urls) {
      const error = await rejection(connect(url).authenticate({ strategy: 'local', ...ANN, password: 'wrong' }))
      expect(error).toMatchObject({ name: 'NotAuthenticated', message: 'Invalid login' })
    }
  })

  it('logs in on any node and can use the users service from there', async () => {
    for (const url of urls) {
      const client = connect(url)
      await logIn(client)
      const users = serviceOf<Users>(client, 'users')
      const [ann] = await users.find()
      expect(ann).toEqual({ id: expect.any(Number), email: ANN.email })
      const bob = await users.create({ email: `bob@${new URL(url).port}`, password: 'secret' })
      expect(await users.get(bob.id)).toEqual(bob)
      expect(await users.patch(bob.id, { email: 'robert' })).toEqual({ ...bob, email: 'robert' })
      expect(await users.remove(bob.id)).toEqual({ ...bob, email: 'robert' })
      expect(await rejection(users.get(bob.id))).toMatchObject({ name: 'NotFound', code: 404 })
    }
  })

  it('can use the token of one node on all nodes', async () => {
    const accessToken = await logIn(connect(urls[1] ?? ''))
    for (const url of urls) {
      const client = connect(url)
      await client.authenticate({ strategy: 'jwt', accessToken })
      expect(await serviceOf<Users>(client, 'users').find()).toHaveLength(1)
    }
  })

  it('can call services without authentication, including one that was added later', async () => {
    await addCustom()
    for (const url of urls.slice(1)) {
      const custom = serviceOf<Custom>(connect(url), 'custom-name')
      expect(await custom.create({ name: 'one' })).toMatchObject({ name: 'one' })
    }
    expect(await serviceOf<Custom>(connect(urls[0] ?? ''), 'no-events').find()).toEqual([])
    expect(await serviceOf<Custom>(connect(urls[2] ?? ''), 'custom-name').find()).toHaveLength(3)
  })
})

describe('a custom method', () => {
  it('can be called from every node, and can tell whether the caller is remote', async () => {
    await addCustom()
    const [gateway, ...others] = apps as [PluginApp, ...PluginApp[]]
    for (const app of others) {
      const custom = serviceOf<Custom>(app, 'custom-name')
      expect(await custom.custom({ name: 'one' })).toEqual({ name: 'one', fromRemote: true })
    }
    const custom = serviceOf<Custom>(gateway, 'custom')
    expect(await custom.custom({ name: 'one' })).toEqual({ name: 'one', fromRemote: false })
  })
})

describe('an event', () => {
  it('reaches every node and its socket.io clients once when it comes from the users service', async () => {
    const [, one] = apps as [PluginApp, PluginApp]
    const heard: string[] = []
    one.service('users').on('created', (user: User) => heard.push(`node: ${user.email}`))
    const client = socketOf(urls[1] ?? '')
    serviceOf<Users>(client, 'users').on('created', user => heard.push(`client: ${user.email}`))
    await until('the client is connected', () => one.channel('everybody').length > 0)
    const users = serviceOf<Users>(restOf(urls[2] ?? ''), 'users')
    await users.create({ email: 'bob', password: 'secret' })
    await until('both have heard it', () => heard.length > 1)
    await users.create({ email: 'eve', password: 'secret' })
    await until('both have heard it', () => heard.length > 3)
    expect(heard.sort()).toEqual(['client: bob', 'client: eve', 'node: bob', 'node: eve'])
  })

  it('reaches every node with its hook context when it is distributed by a custom service', async () => {
    await addCustom()
    const [gateway, ...others] = apps as [PluginApp, ...PluginApp[]]
    const listening = new Set<PluginApp>()
    const heard = others.map(app => {
      const seen: unknown[] = []
      for (const event of EVENTS) {
        app.service('custom-name').on(event, ({ name }, { path, event }) => {
          if (name === 'is anybody there') listening.add(app)
          else seen.push([name, path, event])
        })
      }
      return seen
    })
    const custom = gateway.service('custom')
    // A node asks for events when somebody listens, which takes it a moment.
    await until('all listen', () => {
      custom.emit('custom', { name: 'is anybody there' })
      return listening.size === others.length
    })
    const { id } = await custom.create({ name: 'made' })
    await custom.patch(id, { name: 'changed' })
    await custom.remove(id)
    custom.emit('custom', { name: 'by hand' })
    await until('all have heard the last one', () => heard.every(seen => seen.length > 1))
    for (const seen of heard) {
      expect(seen).toEqual([['made', 'custom-name', 'created'], ['by hand', 'custom-name', 'custom']])
    }
  })

  it('stays on its node when the node has publishEvents false', async () => {
    const [gateway, one, , silent] = apps as [PluginApp, PluginApp, PluginApp, PluginApp]
    const heard: string[] = []
    for (const app of [gateway, one, silent]) {
      for (const event of EVENTS) app.service('no-events').on(event, () => heard.push(`${app.distributionKey} ${event}`))
    }
    one.service('users').on('created', () => heard.push('the end'))
    expect(silent.serviceEventsPublisher).toBeUndefined()
    await one.service('no-events').create({ name: 'one' })
    await serviceOf<Custom>(gateway, 'no-events').custom({ name: 'two' })
    await gateway.service('users').create({ email: 'bob', password: 'secret' })
    await until('an event of another node is heard', () => heard.includes('the end'))
    expect(heard).toEqual(['3 created', '3 custom', 'the end'])
  })
})
