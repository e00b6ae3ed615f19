import type { Application } from '@feathersjs/feathers'
import { shortUuid } from '../../contract/descriptor'
import { unavailable } from '../../errors'
import type { Registry } from '../../registry/registry'
import type { Remotes } from '../../remote/remotes'
import { toArguments } from '../../remote/call/invocation'
import type { EventMessage, Request } from '../../transport/transport'

/** A request in the words of feathers-distributed: `type` is the method. */
export type RequesterMessage = Omit<Request, 'method' | 'deadline'> & { readonly type: string }

/** A requester as feathers-distributed's users know it: it calls any node of its key. */
export interface ServiceRequester {
  send (request: RequesterMessage): Promise<unknown>
}

/** What publishes the events of this node's services. */
export interface ServiceEventsPublisher {
  publish (event: string, data: Readonly<Record<string, unknown>> & { readonly path: string }): void
}

export interface AppViewsOptions {
  readonly id: string
  readonly key: string
  /** The options as they were given. */
  readonly distributionOptions: object
  readonly registry: Registry
  readonly remotes: Remotes
  /** Undefined where this node publishes no events. */
  readonly publish: ((message: EventMessage) => void) | undefined
  readonly isRunning: () => boolean
}

/** Gives an app the names that feathers-distributed's users lean on, as views of what the mesh knows. */
export function defineAppViews (app: Application, options: AppViewsOptions): void {
  const { id, key, distributionOptions, registry, remotes, publish, isRunning } = options
  const whileRunning = <T>(view: () => T) => (): T | undefined => isRunning() ? view() : undefined
  const views: Record<string, () => unknown> = {
    uuid: () => id,
    shortUuid: () => shortUuid(id),
    distributionKey: () => key,
    distributionOptions: () => distributionOptions,
    remoteApps: whileRunning(() => remoteApps(registry)),
    serviceRequesters: whileRunning(() => serviceRequesters(registry, remotes)),
    serviceEventsPublisher: whileRunning(() => publish === undefined ? undefined : eventsPublisher(key, publish))
  }
  for (const [name, get] of Object.entries(views)) {
    Object.defineProperty(app, name, { get, configurable: true, enumerable: false })
  }
}

/** The ids of other nodes by their keys. */
function remoteApps (registry: Registry): Record<string, Set<string>> {
  // Keys come over the network, and none may stand for something that every object has.
  const apps = Object.create(null) as Record<string, Set<string>>
  for (const { id, key } of registry.nodes) (apps[key] ??= new Set()).add(id)
  return apps
}

function serviceRequesters (registry: Registry, remotes: Remotes): Record<string, ServiceRequester> {
  return Object.fromEntries(registry.nodes.map(({ key }) => [key, {
    async send ({ type: method, path, id, data, params }) {
      const entry = registry.services.find(service => service.key === key && service.remotePath === path)
      // A service of another key on the same path is another service.
      if (entry === undefined) throw unavailable({ path, method }, `no node with key ${key} hosts it on this app`)
      return await remotes.callRemotely(entry.path, method, toArguments(method, { id, data, params }))
    }
  } satisfies ServiceRequester]))
}

function eventsPublisher (key: string, publish: (message: EventMessage) => void): ServiceEventsPublisher {
  return { publish: (event, { path, ...payload }) => publish({ path, key, event, args: [payload] }) }
}
