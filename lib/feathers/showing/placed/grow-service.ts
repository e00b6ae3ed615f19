import { getServiceOptions, hookMixin, type Application, type FeathersService } from '@feathersjs/feathers'
import { CombinedChannel, type Channel } from '@feathersjs/transport-commons'
import { keys } from '@feathersjs/transport-commons/lib/channels'
import { HEALTHCHECK } from '../../../contract/contract'
import { debugApp } from '../../../debug-log'
import { messageOf } from '../../../printable'
import type { Remotes } from '../../../remote/remotes'
import { ofApp } from '../../app/feathers-app'
import { defineMethods, forwardWithContext, marksOf } from './forwarding-service'
import type { ServiceOffer } from './service-offer'

/*
 * Feathers makes a service once, with the methods and events that it has then. These functions add to a registered
 * service, so that it stays the same object, with the hooks and listeners that it was given.
 */

/** The surroundings of a service that grows. */
export interface GrowOptions {
  readonly app: Application
  readonly remotes: Remotes
}

/** A service that can grow. */
export interface Growing {
  /** What Feathers made of it. */
  readonly made: FeathersService
  /** The listeners that send events of the service to channels, beyond those that Feathers added. */
  readonly publishing: Map<string, (data: unknown, context: unknown) => void>
  /** Relays events no more that no host has. */
  dropEvents (events: readonly string[]): void
}

/** Methods, and events, that a service keeps although no host offers them any more. */
const MAX_GONE = 1_000

/** The fields of a remote service that are no methods. */
const FIELDS = new Set(['remote', 'key', 'path', 'remoteOptions', 'id', HEALTHCHECK])

/**
 * Gives a service what its hosts offer now, and this node receives. Returns whether it got a method or an event that it
 * did not have.
 *
 * Methods that no host offers any more stay on the object, up to a bound, and calls of them are rejected. Clients don't
 * see them.
 */
export function growService (placed: Growing, offer: ServiceOffer, options: GrowOptions): boolean {
  const { app, remotes } = options
  const { made: service } = placed
  const { path } = offer
  const target: object = Object.getPrototypeOf(service)
  const methods = offer.methods.filter(method => !Object.hasOwn(target, method))
  const { methods: shown, serviceEvents = [] } = getServiceOptions(service)
  const had = new Set(serviceEvents)
  const events = offer.events.filter(event => !had.has(event))
  Object.assign(target, marksOf(offer))
  if (methods.length > 0) {
    defineMethods(target, path, methods, remotes)
    addHooks(app, service, path, methods)
    forwardWithContext(service, path, methods, remotes)
  }
  // Feathers and its adapters read this list, which belongs to the service, whenever they get a call.
  if (shown !== undefined) replaceItems(shown, offer.methods)
  if (events.length > 0) addEvents(app, placed, events)
  dropMethods(service, offer.methods)
  dropEvents(placed, offer.events)
  return methods.length + events.length > 0
}

/** Takes the methods off that have been gone for longest, beyond a bound: peers may offer ever other ones. */
function dropMethods (service: FeathersService, offered: readonly string[]): void {
  const target: object = Object.getPrototypeOf(service)
  for (const name of beyond(Object.getOwnPropertyNames(target).filter(each => !FIELDS.has(each)), offered)) {
    Reflect.deleteProperty(target, name)
    Reflect.deleteProperty(service, name)
  }
}

/** The same for events. */
function dropEvents (placed: Growing, offered: readonly string[]): void {
  const { made: service, publishing } = placed
  const { events: own = [], serviceEvents = [] } = getServiceOptions(service)
  const dropped = new Set(beyond(serviceEvents, offered))
  if (dropped.size === 0) return
  for (const list of new Set([own, serviceEvents])) replaceItems(list, list.filter(event => !dropped.has(event)))
  for (const event of dropped) {
    const listener = publishing.get(event)
    if (listener !== undefined) service.off(event, listener)
    publishing.delete(event)
  }
  placed.dropEvents([...dropped])
}

/** The names that a service has when its hosts offer these: those that it had stay, up to a bound. */
export function namesKept (had: readonly string[], offered: readonly string[]): readonly string[] {
  const known = new Set(had)
  const names = [...had, ...offered.filter(name => !known.has(name))]
  const dropped = new Set(beyond(names, offered))
  return dropped.size === 0 ? names : names.filter(name => !dropped.has(name))
}

/** Changes a list in place. One by one: a call takes no more than some ten thousand arguments. */
export function replaceItems (list: readonly string[], items: readonly string[]): void {
  const own = listOf(list)
  own.length = 0
  for (const item of items) own.push(item)
}

/** Those of some names that are not offered, without the latest ones. */
function beyond (names: readonly string[], offered: readonly string[]): string[] {
  if (names.length <= MAX_GONE) return []
  const kept = new Set(offered)
  const gone = names.filter(name => !kept.has(name))
  return gone.slice(0, Math.max(0, gone.length - MAX_GONE))
}

/** A list of the options of a service. It was made for the service; Feathers' type says that it is read-only. */
function listOf (list: readonly string[]): string[] {
  return list as string[]
}

/** Makes new methods of a service run with its hooks. */
function addHooks (
  app: Application, service: FeathersService, path: string, methods: readonly string[]
): void {
  const options = getServiceOptions(service)
  // The mixin prepares hooks only for a service that has none, so all own properties go away, and come back afterwards.
  const before: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(service)
  const target: object = Object.getPrototypeOf(service)
  for (const name of ['hooks', ...Object.getOwnPropertyNames(target)]) Reflect.deleteProperty(service, name)
  hookMixin.call(app, ofApp(service), path, { ...options, methods: [...methods] })
  for (const method of methods) delete before[method]
  Object.defineProperties(service, before)
}

/** Chooses the channels that an event goes to. */
export type Publisher = (data: unknown, context: unknown) => unknown

type Publishers = Readonly<Record<string | symbol, Publisher | undefined>>

/** Adds events to a service: relays may subscribe to them, and they go to the channels that publishers choose. */
function addEvents (app: Application, { made: service, publishing }: Growing, events: readonly string[]): void {
  const { events: own = [], serviceEvents = [] } = getServiceOptions(service)
  // Both may be the same list.
  for (const list of new Set([own, serviceEvents])) replaceItems(list, [...list, ...events])
  // Without channels nothing publishes. What adds channels later reads the lists itself, and until then a listener
  // would make this node subscribe to events that nobody needs.
  if (!('publish' in app) || typeof app.publish !== 'function') return
  for (const event of events) {
    const listener = (data: unknown, context: unknown): void => {
      const publisher = publisherOf([service, app], event)
      if (publisher === undefined) return
      publish(app, publisher, { event, data, context }).catch((error: unknown) => {
        debugApp("the publisher of '%s' failed: %s", event, messageOf(error))
      })
    }
    publishing.set(event, listener)
    service.on(event, listener)
  }
}

/** The publisher of an event: the one of the first of these that has one, of the event before all events. */
export function publisherOf (
  owners: ReadonlyArray<FeathersService | Application>, event: string
): Publisher | undefined {
  for (const owner of owners) {
    // transport-commons keeps publishers on services and on the app, and shows them in no type.
    const { [keys.PUBLISHERS]: publishers } = owner as { readonly [keys.PUBLISHERS]?: Publishers }
    const found = publishers?.[event] ?? publishers?.[keys.ALL_EVENTS]
    if (found !== undefined) return found
  }
  return undefined
}

interface Emitted {
  readonly event: string
  readonly data: unknown
  readonly context: unknown
}

/** Publishes an event as transport-commons publishes those that a service had when it was registered. */
async function publish (app: Application, publisher: Publisher, { event, data, context }: Emitted): Promise<void> {
  // What a publisher returns must be channels; CombinedChannel takes their word for it.
  const found = [await publisher(data, context)].flat(Infinity).filter(Boolean) as Channel[]
  if (found.length === 0) return
  const channel = new CombinedChannel(found)
  if (channel.length > 0) app.emit('publish', event, channel, context, data)
}
