import { getServiceOptions, hookMixin, type Application, type FeathersService } from '@feathersjs/feathers'
import { CombinedChannel, type Channel } from '@feathersjs/transport-commons'
import { keys } from '@feathersjs/transport-commons/lib/channels'
import type { Remotes } from '../../remote/remotes'
import { debug } from '../debug'
import type { Offered } from './offered'
import { defineMethods, marksOf, tellContexts, type RemoteFeathersService } from './remote-feathers-service'

/*
 * Feathers makes a service once, with the methods and events that it has then. These add to one that is registered, so
 * that it stays the object that it is, with the hooks and listeners that it was given.
 */

export interface GrowOptions {
  readonly app: Application
  readonly remotes: Remotes
  /** The events of the service that this node takes. */
  readonly events: readonly string[]
}

/**
 * Makes a service what its hosts offer now; true if it got something that it never had.
 *
 * What they don't offer any more stays on the object, and is refused when it is called; clients don't see it.
 */
export function growService (service: FeathersService, offered: Offered, options: GrowOptions): boolean {
  const { app, remotes } = options
  const { path } = offered
  // What Feathers registered stands before what it was given.
  const given = Object.getPrototypeOf(service) as RemoteFeathersService
  const methods = offered.methods.filter(method => !Object.hasOwn(given, method))
  const { methods: shown, serviceEvents = [] } = getServiceOptions(service)
  const events = options.events.filter(event => !serviceEvents.includes(event))
  Object.assign(given, marksOf(offered))
  if (methods.length > 0) {
    defineMethods(given, path, methods, remotes)
    addMethods(app, service, path, methods)
    tellContexts(service, path, methods, remotes)
  }
  // The list was made for the service; Feathers and its adapters look at it whenever they are asked for something.
  ;(shown as string[] | undefined)?.splice(0, Infinity, ...offered.methods)
  if (events.length > 0) addEvents(app, service, events)
  return methods.length + events.length > 0
}

/** Methods that the service has from now on run with its hooks. */
function addMethods (
  app: Application, service: FeathersService, path: string, methods: readonly string[]
): void {
  const options = getServiceOptions(service)
  // The mixin makes hooks for a service that has none; all that this one had is put back.
  const before = Object.getOwnPropertyDescriptors(service) as PropertyDescriptorMap
  const given = Object.getPrototypeOf(service) as object
  for (const name of ['hooks', ...Object.getOwnPropertyNames(given)]) {
    delete (service as unknown as Record<string, unknown>)[name]
  }
  hookMixin.call(app, service as FeathersService<Application>, path, { ...options, methods: [...methods] })
  for (const method of methods) delete before[method]
  Object.defineProperties(service, before)
}

type Publisher = (data: unknown, context: unknown) => unknown
type Publishers = Readonly<Record<string | symbol, Publisher | undefined>>

/** Events that the service has from now on may be listened to, and go to the channels that are published to. */
function addEvents (app: Application, service: FeathersService, events: readonly string[]): void {
  const { events: own, serviceEvents } = getServiceOptions(service)
  // They may be one list.
  for (const list of new Set([own, serviceEvents])) (list as string[] | undefined)?.push(...events)
  // Where there are no channels yet, who brings them sees the lists; a listener would cost the way of each event.
  if (typeof (app as Partial<Application>).publish !== 'function') return
  for (const event of events) {
    service.on(event, (data: unknown, context: unknown) => {
      const publisher = publisherOf(app, service, event)
      if (publisher === undefined) return
      publish(app, publisher, { event, data, context }).catch((error: Error) => {
        debug("the publisher of '%s' failed: %s", event, error.message)
      })
    })
  }
}

/** What an event is published by: that of the service before that of the app, that of the event before that of all. */
function publisherOf (app: Application, service: FeathersService, event: string): Publisher | undefined {
  for (const where of [service, app]) {
    const publishers = (where as { [keys.PUBLISHERS]?: Publishers })[keys.PUBLISHERS]
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

/** What transport-commons does with the events that a service has from its beginning. */
async function publish (app: Application, publisher: Publisher, { event, data, context }: Emitted): Promise<void> {
  const found = [await publisher(data, context)].flat(Infinity).filter(Boolean) as Channel[]
  if (found.length === 0) return
  const channel = new CombinedChannel(found)
  if (channel.length > 0) app.emit('publish', event, channel, context, data)
}
