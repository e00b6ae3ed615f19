import type { Application, FeathersService, HookOptions, Service, ServiceOptions } from '@feathersjs/feathers'
import { describe, shortUuid } from '../contract/descriptor'
import type { Registry } from '../registry/registry'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Listener } from '../remote/remote-events'
import type { Remotes } from '../remote/remotes'
import { debug } from './debug'
import { findService, useService, type Middlewares, type RemoteServiceHooks } from './feathers-app'
import { isRemote } from './hosted-services'
import { toHookContext, type PlainContext } from './hook-context'
import { RemoteFeathersService } from './remote-feathers-service'
import { handleOnConnectedSockets } from './socket-methods'

export interface RemoteServicesOptions {
  readonly registry: Registry
  readonly remotes: Remotes
  /** Paths that stay on the app when their last host leaves: calls wait for the next one. */
  readonly declared: ReadonlySet<string>
  /** The events that this node takes. @default all */
  readonly events?: readonly string[]
  readonly middlewares?: Middlewares
  readonly hooks?: RemoteServiceHooks
}

/** Keeps the services of other nodes on the app, so that hooks, REST and socket.io clients reach them. */
export class RemoteServices {
  /** What takes the relays of a registered service off the mesh again. */
  private readonly relays = new Map<string, () => void>()

  constructor (private readonly app: Application, private readonly options: RemoteServicesOptions) {
    const { registry } = options
    registry.on('service', entry => this.register(entry))
    registry.on('service-changed', entry => this.update(entry))
    registry.on('service-removed', entry => this.unregister(entry))
  }

  private register (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    // A service of this node goes before those of others.
    if (present !== undefined && !isRemote(present)) return
    // One that was kept for its next host may have hooks and listeners by now.
    if (present === undefined || !offersAll(present, entry)) this.put(entry)
    this.announce('service', entry)
  }

  /** A replica may offer more than the others did. */
  private update (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    if (present !== undefined && isRemote(present) && !offersAll(present, entry)) this.register(entry)
  }

  private unregister (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    if (present === undefined || !isRemote(present)) return
    if (!this.options.declared.has(entry.path)) this.take(entry.path)
    this.announce('service-removed', entry)
  }

  private put (entry: RemoteServiceEntry): void {
    const { app, options: { remotes, hooks } } = this
    this.take(entry.path)
    useService(app, entry.path, new RemoteFeathersService(entry, remotes), this.serviceOptions(entry))
    const service = app.service(entry.path)
    // Feathers' own type has no names but those of the standard methods.
    if (hooks !== undefined) service.hooks(hooks as HookOptions<Application, Service>)
    this.relayEvents(service, entry)
    handleOnConnectedSockets(app, entry.methods)
  }

  private take (path: string): void {
    this.relays.get(path)?.()
    this.relays.delete(path)
    if (findService(this.app, path) === undefined) return
    // Feathers' router stumbles over some nested routes; the service has to go all the same.
    this.app.unuse(path).catch((error: Error) => debug('unuse %s: %s', path, error.message))
    delete (this.app.services as Record<string, unknown>)[path]
  }

  private serviceOptions (entry: RemoteServiceEntry): ServiceOptions {
    const { before = [], after = [] } = this.options.middlewares ?? {}
    const middlewares = { before: [before].flat(), after: [after].flat() }
    const events = this.eventsOf(entry)
    return {
      methods: [...entry.methods],
      // All of them, so that Feathers emits none after a call: they come from the host.
      // As Feathers adds the standard ones to this list, what channels publish is said apart, each once.
      events,
      serviceEvents: events,
      // The adapters look these up; neither adds them to this type.
      ...{ express: middlewares, koa: middlewares } as object
    }
  }

  /** Listens to an event on the mesh once somebody listens to it here. */
  private relayEvents (service: FeathersService, entry: RemoteServiceEntry): void {
    const { path } = entry
    const events = this.eventsOf(entry)
    const { events: remoteEvents } = this.options.remotes
    const relays = new Map<string, Listener>()
    const relay = (event: string): void => {
      if (relays.has(event) || !events.includes(event)) return
      const listener = this.emitOn(service, event)
      relays.set(event, listener)
      remoteEvents.on(path, event, listener)
    }
    for (const event of events) if (service.listenerCount(event) > 0) relay(event)
    service.on('newListener', relay)
    this.relays.set(path, () => relays.forEach((listener, event) => remoteEvents.off(path, event, listener)))
  }

  private eventsOf (entry: RemoteServiceEntry): string[] {
    return entry.events.filter(event => this.options.events?.includes(event) ?? true)
  }

  private emitOn (service: FeathersService, event: string): Listener {
    return (...args) => {
      const context = args.pop() as PlainContext
      service.emit(event, ...args, toHookContext(this.app, service, args[0], context))
    }
  }

  private announce (event: 'service' | 'service-removed', entry: RemoteServiceEntry): void {
    const { path, key, hosts: [host] } = entry
    const uuid = this.options.registry.lastSeen(path)?.node
    const last = { uuid, shortUuid: uuid === undefined ? undefined : shortUuid(uuid), key }
    const descriptor = host === undefined ? last : describe(host.node, host.contract)
    try {
      this.app.emit(event, { ...descriptor, path })
    } catch (error) {
      // The fault of a listener is its program's, as with any emitter; the peer has nothing to do with it.
      queueMicrotask(() => { throw error })
    }
  }
}

/** Whether a registered service has every method that its replicas offer now. */
function offersAll (service: FeathersService, { methods }: RemoteServiceEntry): boolean {
  const own = Object.getPrototypeOf(service) as object
  return methods.every(method => Object.hasOwn(own, method))
}
