import {
  getServiceOptions, type Application, type FeathersService, type HookOptions, type Service, type ServiceOptions
} from '@feathersjs/feathers'
import { stripSlashes } from '../contract/contract'
import { describe, shortUuid } from '../contract/descriptor'
import type { Registry } from '../registry/registry'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Remotes } from '../remote/remotes'
import { debug } from './debug'
import { EventRelay } from './event-relay'
import { findService, useService, type Middlewares, type RemoteServiceHooks } from './feathers-app'
import { addEvents, addMethods } from './grow-service'
import { isRemote } from './hosted-services'
import { defineMethods, marksOf, RemoteFeathersService, tellContexts } from './remote-feathers-service'
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
  /** What gives the registered services their events. */
  private readonly relays = new Map<string, EventRelay>()

  constructor (private readonly app: Application, private readonly options: RemoteServicesOptions) {
    const { registry } = options
    registry.on('service', entry => this.register(entry))
    registry.on('service-changed', entry => this.update(entry))
    registry.on('service-removed', entry => this.unregister(entry))
    this.followUnuse()
  }

  private register (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    // A service of this node goes before those of others.
    if (present !== undefined && !isRemote(present)) return
    // One that was kept for its next host may have hooks and listeners by now.
    if (present === undefined) this.put(entry)
    else this.grow(present, entry)
    this.announce('service', entry)
  }

  /** A replica may offer more than the others did. */
  private update (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    if (present !== undefined && isRemote(present) && this.grow(present, entry)) this.announce('service', entry)
  }

  private unregister (entry: RemoteServiceEntry): void {
    const present = findService(this.app, entry.path)
    // One of this node has taken its place.
    if (present === undefined || !isRemote(present)) return this.endRelay(entry.path)
    if (!this.options.declared.has(entry.path)) this.take(entry.path)
    this.announce('service-removed', entry)
  }

  /** Where the app gives up a service of its own, that of other nodes has waited to take its place. */
  private followUnuse (): void {
    const { app, options: { registry } } = this
    const { unuse } = app
    const restore = (path: string): void => {
      const entry = registry.service(path)
      if (entry !== undefined) this.register(entry)
    }
    app.unuse = async function (this: Application, location: string) {
      const path = stripSlashes(location)
      const present = findService(app, path)
      const unused = await unuse.call(this, location)
      if (present !== undefined && !isRemote(present)) restore(path)
      return unused
    } as typeof app.unuse
  }

  private put (entry: RemoteServiceEntry): void {
    const { app, options: { remotes, hooks } } = this
    this.take(entry.path)
    useService(app, entry.path, new RemoteFeathersService(entry, remotes), this.serviceOptions(entry))
    const service = app.service(entry.path)
    tellContexts(service, entry.path, entry.methods, remotes)
    // Feathers' own type has no names but those of the standard methods.
    if (hooks !== undefined) service.hooks(hooks as HookOptions<Application, Service>)
    const relay = new EventRelay(app, service, entry.path, remotes.events)
    relay.update()
    this.relays.set(entry.path, relay)
    handleOnConnectedSockets(app, entry.methods)
  }

  /** Adds what the hosts offer beyond what a registered service has; false if that is nothing. */
  private grow (service: FeathersService, entry: RemoteServiceEntry): boolean {
    const { app, options: { remotes } } = this
    const { path } = entry
    // What Feathers registered stands before what it was given.
    const given = Object.getPrototypeOf(service) as RemoteFeathersService
    const methods = entry.methods.filter(method => !Object.hasOwn(given, method))
    const { serviceEvents = [] } = getServiceOptions(service)
    const events = this.eventsOf(entry).filter(event => !serviceEvents.includes(event))
    Object.assign(given, marksOf(entry))
    if (methods.length > 0) {
      defineMethods(given, path, methods, remotes)
      addMethods(app, service, path, methods)
      tellContexts(service, path, methods, remotes)
      handleOnConnectedSockets(app, methods)
    }
    if (events.length > 0) addEvents(app, service, events)
    this.relays.get(path)?.update()
    return methods.length + events.length > 0
  }

  private take (path: string): void {
    this.endRelay(path)
    if (findService(this.app, path) === undefined) return
    // Feathers' router stumbles over some nested routes; the service has to go all the same.
    this.app.unuse(path).catch((error: Error) => debug('unuse %s: %s', path, error.message))
    delete (this.app.services as Record<string, unknown>)[path]
  }

  private endRelay (path: string): void {
    this.relays.get(path)?.end()
    this.relays.delete(path)
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

  private eventsOf (entry: RemoteServiceEntry): string[] {
    return entry.events.filter(event => this.options.events?.includes(event) ?? true)
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
