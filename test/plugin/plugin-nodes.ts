import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from '@feathersjs/express'
import { errorHandler, json, rest } from '@feathersjs/express'
import { feathers, type Application } from '@feathersjs/feathers'
import * as koaFramework from '@feathersjs/koa'
import socketio from '@feathersjs/socketio'
import type {} from '@feathersjs/transport-commons'
import distribution, {
  finalize, MemoryNetwork, type DistributionOptions, type ServiceEventsPublisher, type ServiceRequester, type Transport
} from 'feathers-mesh'

/** What users of feathers-distributed find on an app. */
export interface MeshViews {
  readonly uuid: string
  readonly shortUuid: string
  readonly distributionKey: string
  readonly distributionOptions: object
  readonly remoteApps: Readonly<Record<string, ReadonlySet<string>>> | undefined
  readonly serviceRequesters: Readonly<Record<string, ServiceRequester>> | undefined
  readonly serviceEventsPublisher: ServiceEventsPublisher | undefined
}

export type PluginApp = Application & MeshViews

/** A gateway for clients, on a port of its own. */
export interface Gateway {
  readonly app: PluginApp
  readonly url: string
}

export interface GatewayOptions {
  readonly plugin?: DistributionOptions
  /** Called before the plugin is configured. */
  readonly before?: (app: Application) => void
}

/** Apps with the plugin; all that a test made leave the mesh after it. */
export interface PluginNodes {
  /** An app on the memory network of the test. */
  app (options?: DistributionOptions, app?: Application): PluginApp
  /** An app on real sockets, in the cote environment of the test. */
  coteApp (options?: DistributionOptions, app?: Application): PluginApp
  /** A transport of the memory network, for what is no app. */
  transport (): Transport
  /** cote options that keep a node on this machine and in the environment of the test. */
  cote (): { broadcast: string, environment: string }
  /** An Express or Koa app with REST and socket.io, whose channels publish everything to everybody. */
  gateway (kind: 'express' | 'koa', options?: GatewayOptions): Promise<Gateway>
  /** Lets an app listen to a free port of this machine. */
  listen (app: Application): Promise<string>
  /** A service that answers when the test is over; made after the apps, so that those need not wait for it. */
  slowService (): SlowService
  /** Does something after the test. */
  after (action: () => unknown): void
}

/** Long enough for all that should work, and a failure well before jest's own limit for all that should not. */
const TIMEOUT = 5_000

export function pluginNodes (): PluginNodes {
  let network = new MemoryNetwork()
  let environment = randomUUID()
  let cleanUp: Array<() => unknown> = []

  afterEach(async () => {
    const actions = cleanUp.reverse()
    cleanUp = []
    network = new MemoryNetwork()
    environment = randomUUID()
    for (const action of actions) await action()
  })

  const nodes: PluginNodes = {
    app: (options, app = feathers()) => configure(app, { transport: network.transport(), ...options }),
    coteApp: (options, app = feathers()) => configure(app, { ...options, cote: { ...nodes.cote(), ...options?.cote } }),
    transport: () => network.transport(),
    cote: () => ({ broadcast: '127.255.255.255', environment }),
    async gateway (kind, { plugin, before } = {}) {
      const bare = kind === 'express' ? expressApp() : koaApp()
      bare.configure(socketio())
      bare.on('connection', connection => bare.channel('everybody').join(connection))
      bare.publish(() => bare.channel('everybody'))
      before?.(bare)
      const app = nodes.app(plugin, bare)
      if (kind === 'express') (bare as unknown as { use (handler: unknown): void }).use(quietErrorHandler())
      return { app, url: await nodes.listen(app) }
    },
    async listen (app) {
      // The port is open before the app is set up, which may fail.
      nodes.after(async () => {
        const { server } = app as { server?: Server }
        server?.closeAllConnections()
        await new Promise(resolve => server === undefined ? resolve(undefined) : server.close(resolve))
      })
      const server: Server = await app.listen(0)
      if (!server.listening) await once(server, 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    slowService () {
      const service = new SlowService()
      nodes.after(() => service.answer())
      return service
    },
    after: action => { cleanUp.push(action) }
  }
  return nodes

  function configure (app: Application, options: DistributionOptions): PluginApp {
    app.configure(distribution({ timeout: TIMEOUT, drainTimeout: TIMEOUT, ...options }))
    nodes.after(() => finalize(app))
    return app as PluginApp
  }
}

export class SlowService {
  readonly calls: string[] = []
  answer: () => void = () => {}
  private readonly answered = new Promise<void>(resolve => { this.answer = resolve })

  async find (): Promise<string> {
    this.calls.push('find')
    await this.answered
    return 'at last'
  }
}

/** Without the address, Feathers' types of `listen` know no host. */
function onLoopback<A extends { listen (port: number, host: string): unknown }> (app: A): Application {
  const listen = app.listen.bind(app)
  return Object.assign(app, { listen: (port: number) => listen(port, '127.0.0.1') }) as unknown as Application
}

export function expressApp (): Application {
  const app = express(feathers())
  app.use(json())
  app.configure(rest())
  return onLoopback(app)
}

export function koaApp (): Application {
  const app = koaFramework.koa(feathers())
  app.use(koaFramework.errorHandler())
  app.use(koaFramework.bodyParser())
  app.configure(koaFramework.rest())
  return onLoopback(app)
}

/** Quiet about the errors that tests want. */
const quietErrorHandler = () => errorHandler({ logger: { error: () => {}, info: () => {} } })

/** A service with custom methods, which Feathers' own types don't know. */
export function serviceOf<T> (app: Application, path: string): T {
  return app.service(path) as unknown as T
}

export function has (app: Application, path: string): boolean {
  return Object.hasOwn(app.services as object, path)
}

/** The params of a call without its caller, deadline and signal. */
function withoutPatience (params: object): object {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !['deadline', 'signal', 'caller'].includes(name)))
}

/** Answers with the name of its node and keeps the params that it was called with. */
export class NamedService {
  readonly params: object[] = []
  readonly calls: string[] = []

  constructor (private readonly name: string, readonly options: object = {}) {}

  async find (params: object): Promise<string> {
    this.calls.push('find')
    this.params.push(withoutPatience(params))
    return this.name
  }

  async create (data: object, params: object): Promise<object> {
    this.calls.push('create')
    this.params.push(withoutPatience(params))
    return { ...data, by: this.name }
  }

  async greet (data: { name: string }, params: object): Promise<string> {
    this.calls.push('greet')
    this.params.push(withoutPatience(params))
    return `${data.name}, greetings from ${this.name}`
  }
}

/** What callers of it see. */
export interface Named {
  find (params?: object): Promise<string>
  create (data: object, params?: object): Promise<object>
  greet (data: object, params?: object): Promise<string>
}
