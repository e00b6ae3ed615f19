/**
 * A node with a distribution plugin: that of feathers-distributed 2 or 3, or ours.
 * Which one is the name of a package, and nothing else here depends on it.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import express from '@feathersjs/express'
import { errorHandler, json, rest } from '@feathersjs/express'
import type { Application, FeathersService } from '@feathersjs/feathers'
import { feathers } from '@feathersjs/feathers'
import type { DistributionOptions, ServiceDescriptor, ServiceRequester } from 'feathers-mesh'
import type { Outcome } from '../messages'
import { obey, outcomeOf, release, tell } from '../obey'
import { endedSpans, registerSdk } from '../telemetry/collector'
import { CallLoad } from './call-load'
import { NotesService } from './notes-service'

/** The plugin as any of the packages exports it. */
export interface Plugin {
  readonly default: (options: DistributionOptions) => (app: Application) => void
  readonly finalize: (app: Application) => unknown
}

export interface NodeSettings {
  /** Tells the node in the answers of its services. */
  readonly name: string
  readonly key?: string
  /** What the test gives the plugin beside the options that it takes as JSON. */
  readonly options?: DistributionOptions
  /** Local paths for services of other nodes. */
  readonly aliases?: Readonly<Record<string, string>>
  /** The paths of its services. */
  readonly paths?: readonly string[]
}

export interface Heard {
  /** The service that the node listens to, by its path there. */
  readonly path: string
  readonly event: string
  readonly payload: unknown
  /** What the hook context says; null where there is none. */
  readonly context: Readonly<Record<string, unknown>> | null
}

interface CallArguments {
  readonly path: string
  readonly method: string
  readonly args?: readonly unknown[]
}

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>

const customEvents = ['archived', 'shredded']
const settings = JSON.parse(process.env.NODE_SETTINGS ?? '{}') as NodeSettings
const { name, key, options, aliases = {}, paths = [] } = settings
const services = new Map<string, NotesService>()
const watched = new WeakSet<object>()
const app = express(feathers())
const handleErrors = errorHandler({ logger: false, html: false })
let finalize: Plugin['finalize'] = () => {}
let server: Server | undefined
let load: CallLoad | undefined

// cote ends its process when its Redis server is gone. Teams that ran it had a handler like this one.
if (process.env.SURVIVES === '1') process.on('uncaughtException', console.error)

/** The names that feathers-distributed gives its users. */
const views = app as unknown as {
  readonly uuid: string
  readonly distributionKey: string
  readonly serviceRequesters: Readonly<Record<string, ServiceRequester>>
  readonly servicePublisher: {
    publish (event: string, service: Pick<ServiceDescriptor, 'uuid' | 'key' | 'path'>): void
  }
}

/** As docs/migrating.md has it. */
function drain (path: string): void {
  const { servicePublisher, uuid, distributionKey } = views
  const publish = servicePublisher.publish.bind(servicePublisher)
  servicePublisher.publish = (event, service) => {
    if (event !== 'service' || service.path !== path) publish(event, service)
  }
  publish('service-removed', { uuid, key: distributionKey, path })
}

async function start (): Promise<void> {
  if (options?.telemetry === true) registerSdk()
  const plugin = await import(process.env.PLUGIN ?? '') as Plugin
  finalize = plugin.finalize
  app.use(json())
  app.configure(rest())
  app.configure(plugin.default({
    key,
    remoteServicePath: ({ path }: ServiceDescriptor) => aliases[path] ?? path,
    middlewares: { after: handleErrors },
    ...options
  }))
  app.on('service', ({ path }: { path: string }) => tell('service', path))
  app.on('service-removed', ({ path }: { path: string }) => tell('service-removed', path))
  for (const path of paths) use(path)
  app.use(handleErrors)
}

function use (path: string): void {
  const service = new NotesService(name, path)
  services.set(path, service)
  app.use(path, Object.assign(service, { id: '_id' }), {
    methods: ['find', 'get', 'create', 'update', 'patch', 'remove', 'archive', 'shred'], events: customEvents
  })
}

/** `app.service` makes up what it does not find, so it is looked up. */
function serviceOf (path: string): FeathersService {
  if (!Object.hasOwn(app.services as object, path)) throw new Error(`${name} has no service '${path}'`)
  return app.service(path)
}

/** The paths of services of other nodes, with the methods that they have. */
function remotes (): Record<string, string[]> {
  const found = Object.keys(app.services as object).filter(path => Reflect.get(app.service(path), 'remote') === true)
  const methods = ['archive', 'shred']
  return Object.fromEntries(found.map(path => [path, methods.filter(method => method in app.service(path))]))
}

async function call ({ path, method, args = [] }: CallArguments): Promise<unknown> {
  return await (serviceOf(path) as unknown as Methods)[method](...args)
}

function watch (path: string): void {
  const service = serviceOf(path)
  if (watched.has(service)) return
  watched.add(service)
  for (const event of ['created', 'updated', 'patched', 'removed', ...customEvents]) {
    service.on(event, (payload: unknown, context?: Record<string, unknown>) => {
      const told = context === undefined ? null : plain(service, context)
      tell('heard', { path, event, payload: namingKinds(payload), context: told } satisfies Heard)
    })
  }
}

/** Values that JSON has no words for; a test that sends commands as JSON can't say them. */
const beyondJson = (): object => ({ kinds: { at: new Date(0), bytes: Buffer.from('abc') } })

/** What became of such values, by the names of their classes. */
function namingKinds (value: unknown): unknown {
  const { kinds } = (value ?? {}) as { kinds?: object }
  if (kinds === undefined) return value
  const named = Object.entries(kinds).map(([field, each]) => [field, (each as object).constructor.name])
  return { ...value as object, kinds: Object.fromEntries(named) as object }
}

/** A hook context as far as a test looks at it. */
function plain (service: object, context: Record<string, unknown>): Record<string, unknown> {
  const { path, event, method, type, id, data, result, params } = context
  const { query } = (params ?? {}) as { query?: unknown }
  const own = { ofThisApp: context.app === app, ofThisService: context.service === service }
  return { path, event, method, type, id, data, result, query, ...own }
}

async function listen (): Promise<number> {
  const port = Number(process.env.PORT ?? 0)
  server = await app.listen(port, '127.0.0.1')
  return (server.address() as AddressInfo).port
}

/** Takes no more of its own clients, then leaves the mesh. */
async function leave (): Promise<void> {
  if (server !== undefined) await promisify(server.close.bind(server))()
  await finalize(app)
}

process.once('SIGTERM', () => {
  leave().then(() => {
    release()
    // Old nodes leave sockets open behind them.
    if (process.env.PLUGIN !== 'feathers-mesh') process.exit(0)
  }, error => {
    console.error(error)
    process.exit(1)
  })
})

obey({
  start,
  listen,
  remotes,
  spans: () => endedSpans(),
  call,
  watch,
  use,
  drain,
  pid: () => process.pid,
  idOf: (path: string) => (serviceOf(path) as { id?: unknown }).id,
  unuse: async (path: string) => { await app.unuse(path) },
  calls: async ({ times, ...args }: CallArguments & { times: number }): Promise<Outcome[]> =>
    await Promise.all(Array.from({ length: times }, async () => await outcomeOf(async () => await call(args)))),
  /** Anything that a process on the mesh could send, even if this plugin never would. */
  send: async (request: { key: string, type: string, path: string }) =>
    await views.serviceRequesters[request.key].send(request),
  emit: ({ path, event, payload }: { path: string, event: string, payload: unknown }) => {
    serviceOf(path).emit(event, payload)
  },
  emitBeyondJson: (path: string) => { serviceOf(path).emit('archived', beyondJson()) },
  callBeyondJson: async (path: string) => {
    const { data } = await call({ path, method: 'create', args: [beyondJson()] }) as { data: unknown }
    return namingKinds(data)
  },
  counts: (path: string) => services.get(path)?.calls,
  startLoad: (methods: string[]) => {
    load = new CallLoad(async (method, args) => await call({ path: 'notes', method, args }))
    load.start(methods)
  },
  load: () => load?.report,
  stopLoad: async () => await load?.stop()
})
