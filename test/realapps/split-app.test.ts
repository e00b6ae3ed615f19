import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthenticationService, JWTStrategy, authenticate } from '@feathersjs/authentication'
import { LocalStrategy } from '@feathersjs/authentication-local'
import { feathers, type Application } from '@feathersjs/feathers'
import { bodyParser, errorHandler, koa, parseAuthentication, rest } from '@feathersjs/koa'
import socketio from '@feathersjs/socketio'
import distribution, { DistributedModule, finalize, initialize } from 'feathers-mesh'
import { io, type Socket } from 'socket.io-client'
import { TestProcesses } from '../process'
import { until } from '../until'

const environment = `split-app-${process.pid}`
const secret = 'the secret that signs the tokens of this test'
const paths = ['users', 'messages']

/** The part of the app that outside clients see, configured as Feathers' generator does it. */
function makeGateway (): Application & { listen (port: number, host: string): Promise<Server> } {
  const app = koa(feathers())
  app.set('authentication', {
    // No `entityId`: it is the `id` of the service, which is of another process.
    entity: 'user',
    service: 'users',
    secret,
    authStrategies: ['jwt', 'local'],
    jwtOptions: { header: { typ: 'access' }, audience: 'https://example.com', algorithm: 'HS256', expiresIn: '1d' },
    local: { usernameField: 'email', passwordField: 'password' }
  })
  app.use(errorHandler())
  app.use(parseAuthentication())
  app.use(bodyParser())
  app.configure(rest())
  app.configure(socketio())
  return app
}

function addAuthentication (app: Application): void {
  const authentication = new AuthenticationService(app)
  authentication.register('jwt', new JWTStrategy())
  authentication.register('local', new LocalStrategy())
  app.use('authentication', authentication)
  app.on('connection', connection => app.channel('anonymous').join(connection))
  app.on('login', (_result, { connection }: { connection?: object }) => {
    if (connection === undefined) return
    app.channel('anonymous').leave(connection)
    app.channel('authenticated').join(connection)
  })
  app.publish(() => app.channel('authenticated'))
  app.service('messages').hooks({ around: { all: [authenticate('jwt')] } })
}

const ways = {
  async forRoot (app: Application): Promise<() => Promise<void>> {
    const mesh = DistributedModule.forRoot({ app, services: [], remotes: paths, cote: { environment } })
    await mesh.start()
    return async () => await mesh.stop()
  },
  async plugin (app: Application): Promise<() => Promise<void>> {
    const cote = { environment, broadcast: '127.255.255.255' }
    app.configure(distribution({ key: 'gateway', services: [], coteDelay: -1, cote }))
    await initialize(app)
    await until('the services', () => paths.every(path => Object.hasOwn(app.services as object, path)))
    return async () => { await finalize(app) }
  }
}

describe.each(Object.entries(ways))('an app split into two processes, with a gateway joined by %s', (_way, join) => {
  const processes = new TestProcesses('all')
  const email = `ann-${Math.random()}@example.com`
  const credentials = { email, password: 'a-secret' }
  const ends: Array<() => unknown> = []
  let url = ''
  let accessToken = ''

  beforeAll(async () => {
    const backend = await processes.run('realapps/backend', { COTE_ENV: environment })
    await backend.ask('start')
    const app = makeGateway()
    ends.push(await join(app))
    addAuthentication(app)
    const server = await app.listen(0, '127.0.0.1')
    ends.push(async () => await app.teardown())
    await until('the port', () => server.listening)
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => { for (const end of ends.reverse()) await end() })

  async function ask (method: string, path: string, data?: object, token = ''): Promise<[number, unknown]> {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (token !== '') headers.set('authorization', `Bearer ${token}`)
    const answer = await fetch(`${url}/${path}`, { method, headers, body: data && JSON.stringify(data) })
    return [answer.status, await answer.json()]
  }

  it('signs users up without exposing their passwords', async () => {
    const [status, user] = await ask('POST', 'users', credentials)
    expect([status, user]).toEqual([201, { id: expect.any(Number), email }])
    expect(await ask('GET', 'users')).toEqual([200, [user]])
  })

  it('signs users in by their passwords and refuses wrong ones', async () => {
    const [status, result] = await ask('POST', 'authentication', { strategy: 'local', ...credentials })
    expect([status, result]).toMatchObject([201, { user: { email } }])
    expect(JSON.stringify(result)).not.toContain('password')
    accessToken = (result as { accessToken: string }).accessToken
    const wrong = { strategy: 'local', email, password: 'wrong' }
    expect(await ask('POST', 'authentication', wrong)).toMatchObject([401, { name: 'NotAuthenticated' }])
  })

  it('accepts messages only with a token, and stores the user of the token', async () => {
    expect(await ask('POST', 'messages', { text: 'hello' })).toMatchObject([401, { name: 'NotAuthenticated' }])
    expect(await ask('POST', 'messages', { text: 'hello' }, `${accessToken}x`)).toMatchObject([401, {}])
    const made = await ask('POST', 'messages', { text: 'hello' }, accessToken)
    expect(made).toEqual([201, { id: expect.any(Number), text: 'hello', userId: expect.any(Number) }])
    expect(await ask('GET', 'messages?$limit=1', undefined, accessToken)).toMatchObject([200, { total: 1, limit: 1 }])
    expect(await ask('GET', 'messages/1000', undefined, accessToken)).toMatchObject([404, { name: 'NotFound' }])
    expect(await ask('GET', 'nothing', undefined, accessToken)).toMatchObject([404, { name: 'NotFound' }])
  })

  it('sends events only to sockets that are signed in', async () => {
    const heard: unknown[][] = []
    const connect = async (name: string): Promise<Socket> => {
      const socket = io(url, { transports: ['websocket'] })
      ends.push(() => socket.close())
      socket.onAny((...event: unknown[]) => heard.push([name, ...event]))
      await until(`the socket ${name}`, () => socket.connected)
      return socket
    }
    const [signedIn] = await Promise.all([connect('signed in'), connect('anonymous')])
    const emit = async (...args: [string, ...unknown[]]): Promise<unknown[]> =>
      await new Promise(resolve => signedIn.emit(...args, (...answer: unknown[]) => resolve(answer)))
    const answer = await emit('create', 'authentication', { strategy: 'jwt', accessToken })
    expect(answer).toMatchObject([null, { accessToken }])
    await until('an event', async () => {
      await emit('create', 'messages', { text: 'by socket' })
      return heard.length > 0
    })
    expect(new Set(heard.map(([name, event]) => `${String(name)}: ${String(event)}`)))
      .toEqual(new Set(['signed in: messages created']))
    expect(JSON.stringify(heard)).not.toMatch(/password|accessToken/)
  })
})
