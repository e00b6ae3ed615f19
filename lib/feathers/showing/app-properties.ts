import type { Application } from '@feathersjs/feathers'
import { shortUuid } from '../../contract/descriptor'
import { unavailable } from '../../errors'
import type { Registry } from '../../registry/registry'
import type { Remotes } from '../../remote/remotes'
import { toArguments } from '../../remote/call/invocation'
import type { EventMessage, Request } from '../../transport/transport'

/** A request with the names of feathers-distributed: `type` is the method. */
export type RequesterMessage = Omit<Request, 'method' | 'deadline'> & { readonly type: string }

/** A requester as in feathers-distributed: it calls any node of its key. */
export interface ServiceRequester {
  /** Calls a service by its path on the other node, and returns the result. */
  send (request: RequesterMessage): Promise<unknown>
}

/** Publishes events in the name of services of this node, as in feathers-distributed. */
export interface ServiceEventsPublisher {
  /** Sends an event to the nodes that subscribed to the path in its data. */
  publish (event: string, data: Readonly<Record<string, unknown>> & { readonly path: string }): void
}

/** Where the properties get their values. */
export interface AppPropertiesOptions {
  readonly id: string
  readonly key: string
  /** The options as the user gave them. */
  readonly distributionOptions: object
  readonly registry: Registry
  readonly remotes: Remotes
  /** Undefined where this node publishes no events. */
  readonly publish: ((message: EventMessage) => void) | undefined
  readonly isRunning: () => boolean
}

/**
 * Defines the properties that users of feathers-distributed read from an app. Each is a getter, so that it shows what
 * the mesh knows at the time. A new property of the app is one more line here.
 */
export function defineAppProperties (app: Application, options: AppPropertiesOptions): void {
  const { id, key, distributionOptions, registry, remotes, publish, isRunning } = options
  const whileRunning = <T>(read: () => T) => (): T | undefined => isRunning() ? read() : undefined
  const getters: Record<string, () => unknown> = {
    uuid: () => id,
    shortUuid: () => shortUuid(id),
    distributionKey: () => key,
    distributionOptions: () => distributionOptions,
    remoteApps: whileRunning(() => remoteApps(registry)),
    serviceRequesters: whileRunning(() => serviceRequesters(registry, remotes)),
    serviceEventsPublisher: whileRunning(() => publish === undefined ? undefined : eventsPublisher(key, publish))
  }
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(app, name, { get, configurable: true, enumerable: false })
  }
}

/** The ids of other nodes by their keys. */
function remoteApps (registry: Registry): Record<string, Set<string>> {
  // Peers choose their keys, and none may hit a property that every object inherits.
  const apps: Record<string, Set<string>> = Object.create(null)
  for (const { id, key } of registry.nodes) (apps[key] ??= new Set()).add(id)
  return apps
}

function serviceRequesters (registry: Registry, remotes: Remotes): Record<string, ServiceRequester> {
  return Object.fromEntries(registry.nodes.map(({ key }) => [key, {
    async send ({ type: method, path, id, data, params }) {
      const entry = registry.services.find(service => service.key === key && service.remotePath === path)
      // On the same path another key has another service.
      if (entry === undefined) throw unavailable({ path, method }, `no node with key ${key} hosts it on this app`)
      return await remotes.callRemotely(entry.path, method, toArguments(method, { id, data, params }))
    }
  } satisfies ServiceRequester]))
}

function eventsPublisher (key: string, publish: (message: EventMessage) => void): ServiceEventsPublisher {
  return { publish: (event, { path, ...payload }) => publish({ path, key, event, args: [payload] }) }
}
