import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorHandler } from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import type {} from '@feathersjs/transport-commons'
import distribution, { DistributedModule, finalize, initialize, MemoryNetwork } from 'feathers-mesh'
import { io, type Socket } from 'socket.io-client'
import { expressApp, koaApp } from '../plugin/plugin-nodes'
import { atMost, PATIENCE, until } from '../until'

export const KINDS = ['plain', 'express', 'koa'] as const
export type Kind = typeof KINDS[number]

/** How an app comes onto the mesh. */
export const WAYS = ['plugin', 'forRoot'] as const
export type Way = typeof WAYS[number]

export interface GatewayOptions {
  readonly remotes?: string[]
  readonly timeout?: number
  /** Whether the gateway gives remote services their own paths, also where these begin with a placeholder. */
  readonly placesAll?: boolean
}

/** What REST and socket.io clients of an app get. */
export interface Clients {
  readonly url: string
  /** The error of a call by socket.io, as the client gets it. */
  failure (method: string, path: string, ...args: unknown[]): Promise<unknown>
  rest (path: string, init?: RequestInit): Promise<{ status: number, body: unknown }>
  /** The result, or the code of the error. */
  socket (method: string, path: string, ...args: unknown[]): Promise<unknown>
  on (event: string, listener: (payload: unknown) => void): void
}

export interface Gateways {
  /** An app with socket.io that is no node yet, Express and Koa with REST as well. */
  bare (kind: Kind): Application
  /** Puts an app on the mesh of the test. */
  join (app: Application, way?: Way, options?: GatewayOptions): Promise<Application>
  /** A node that offers plain services of its app. */
  host (services: Readonly<Record<string, object>>): Promise<{ app: Application, stop: () => Promise<void> }>
  /** Lets an app listen, and clients connect to it. */
  clients (app: Application): Promise<Clients>
}

/** Gateways of one memory network; what a test made is closed after it. */
export function gateways (): Gateways {
  let network = new MemoryNetwork()
  let cleanUp: Array<() => unknown> = []
  const after = (action: () => unknown): void => { cleanUp.push(action) }

  afterEach(async () => {
    const actions = cleanUp.reverse()
    cleanUp = []
    network = new MemoryNetwork()
    for (const action of actions) await action()
  })

  return {
    bare (kind) {
      const app = kind === 'plain' ? feathers() : kind === 'express' ? expressApp() : koaApp()
      app.configure(socketio())
      app.on('connection', connection => app.channel('everybody').join(connection))
      app.publish(() => app.channel('everybody'))
      return app
    },
    async join (app, way = 'forRoot', { remotes, timeout = 5_000, placesAll = false } = {}) {
      const transport = network.transport()
      const placement = placesAll ? { remoteServicePath: ({ path }: { path: string }) => path } : {}
      const common = { transport, timeout, drainTimeout: timeout, ...placement }
      if (way === 'forRoot') {
        const node = DistributedModule.forRoot({ app, remotes, ...common, services: () => true })
        after(() => node.stop())
        // It joins immediately; tests that declare remotes wait for them elsewhere.
        void node.start().catch(() => {})
      } else {
        app.configure(distribution({ coteDelay: -1, ...common }))
        after(() => finalize(app))
        await initialize(app)
      }
      return app
    },
    async host (services) {
      const app = feathers()
      for (const [path, service] of Object.entries(services)) app.use(path, service)
      const node = DistributedModule.forRoot({ app, transport: network.transport(), services: () => true })
      after(() => node.stop())
      await node.start()
      return { app, stop: async () => await node.stop() }
    },
    async clients (app) {
      const server = await listen(app, after)
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const socket: Socket = io(url, { transports: ['websocket'], reconnection: false })
      after(() => socket.disconnect())
      await atMost(PATIENCE, new Promise(resolve => socket.once('connect', () => resolve(true))), () => 'no socket')
      return {
        url,
        failure: async (method, path, ...args) => await atMost(PATIENCE, new Promise(resolve => {
          socket.emit(method, path, ...args, (error: unknown) => { resolve(error) })
        }), () => `no answer to ${method} of ${path}`),
        async rest (path, init) {
          const response = await fetch(`${url}/${path}`, {
            ...init, headers: { accept: 'application/json', 'content-type': 'application/json' }
          })
          const text = await response.text()
          const isJson = response.headers.get('content-type')?.includes('json') === true
          return { status: response.status, body: isJson ? JSON.parse(text) : text }
        },
        socket: async (method, path, ...args) => await atMost(PATIENCE, new Promise(resolve => {
          socket.emit(method, path, ...args, (error: { code?: number } | null, result: unknown) => {
            resolve(error === null ? result : error.code)
          })
        }), () => `no answer to ${method} of ${path}`),
        on: (event, listener) => { socket.on(event, listener) }
      }
    }
  }
}

async function listen (app: Application, after: (action: () => unknown) => void): Promise<Server> {
  if ('handle' in app) {
    // Last, as with all Express apps.
    const quiet = errorHandler({ logger: { error: () => {}, info: () => {} } })
    ;(app as unknown as { use (handler: unknown): void }).use(quiet)
  }
  const listening = app as unknown as { listen (port: number): Promise<Server>, server?: Server }
  // Express and Koa open the port immediately, even if the setup has to wait.
  let listened: Server | undefined
  listening.listen(0).then(server => { listened = server }, () => {})
  const server = await until(() => listening.server ?? listened)
  after(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  if (!server.listening) await once(server, 'listening')
  return server
}

/** A service whose results say who answered, and with which route parameters. */
export function named (name: string): { find (params: { route?: object }): Promise<unknown> } {
  return { find: async ({ route }) => [name, route ?? {}] }
}

export function has (app: Application, path: string): boolean {
  return Object.hasOwn(app.services as object, path)
}
