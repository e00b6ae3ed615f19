import type { Application, FeathersService, ServiceOptions } from '@feathersjs/feathers'
import { getServiceOptions } from '@feathersjs/feathers'
import { accessOfService, type Access } from '../../contract/access'
import type { Contract } from '../../contract/contract'
import { isCallableName } from '../../contract/callable-name'
import { withHash } from '../../contract/contract-hash'
import {
  contractOfService, limitContract, unknownMethods, withIdOf, type ContractLimits, type FeathersServiceOptions
} from '../../contract/from-service'
import { pathFault, stripSlashes } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import { eventParams } from '../../remote/call/wire-params'
import type { EventMessage } from '../../transport/transport'
import { findService } from '../feathers-app'
import { isHealthService } from '../showing/healthcheck'
import { isHookContext, toPlainContext } from '../hooks/hook-context'

/** Where a service's options hold the contract that its decorators made. */
export const CONTRACT = Symbol('feathers-mesh:contract')
/** And who may call it. */
export const ACCESS = Symbol('feathers-mesh:access')

export interface HostedServicesOptions {
  readonly registry: Registry
  /** The partition of this node. */
  readonly key: string
  /** Which plain services are offered; those with a contract of their own always are. */
  readonly isOffered: (contract: Contract) => boolean
  /** What this node lets out at all. */
  readonly limits: ContractLimits
  /** The service options that callers get to know, by their names. */
  readonly sharedOptions: (contract: Contract) => readonly string[] | null | undefined
  /** What was offered has changed. */
  readonly onChange: () => void
  readonly onEvent: (message: EventMessage) => void
}

type EventListener = (...args: unknown[]) => void

/** Offers the services of an app to the mesh, as they come and go, and hands on their events. */
export class HostedServices {
  /** The paths of which something was said that is said once. */
  private readonly told = new Set<string>()
  private readonly listeners = new Map<string, { service: FeathersService, byEvent: Map<string, EventListener> }>()

  constructor (private readonly app: Application, private readonly options: HostedServicesOptions) {
    for (const path of Object.keys(app.services as object)) {
      const service = app.service(path)
      this.offer(service, path, getServiceOptions(service))
    }
    // A mixin sees every service that is registered from now on, however that is done.
    app.mixins.push((service, path, serviceOptions) => this.offer(service, path, serviceOptions))
    const { unuse } = app
    app.unuse = async function (this: Application, path: string) {
      withdraw(path)
      return await unuse.call(this, path)
    } as typeof app.unuse
    const withdraw = (path: string): void => this.withdraw(path)
  }

  private offer (service: FeathersService, location: string, serviceOptions: ServiceOptions): void {
    // The health of a mesh is each node's own view, also where a sub-app brings it along.
    if (isRemote(service) || isHealthService(service)) return
    const path = stripSlashes(location)
    const { [CONTRACT]: own, [ACCESS]: access } = serviceOptions as { [CONTRACT]?: Contract, [ACCESS]?: Access }
    // `options` of the instance too: services like those of @feathersjs/memory keep theirs there.
    const all: FeathersServiceOptions = { ...serviceOptions, ...instanceOptions(service) }
    const contract = this.share(limitContract(own ?? contractOfService(path, all), this.options.limits), all)
    const offered = contract.methods.length > 0 && (own !== undefined || this.options.isOffered(contract))
    // It may take the place of one that is offered.
    if (!offered) return this.withdraw(path)
    if (!this.canBeOffered(contract, location)) return
    if (own === undefined) warnOfUnknown(path, unknownMethods(all))
    this.options.registry.offer(withHash(withIdOf(service, contract)), access ?? accessOfService(serviceOptions.allow))
    this.listen(service, contract)
    this.options.onChange()
  }

  /** Tells once of a path that no peer would take, and of methods that no remote has. */
  private canBeOffered ({ path, methods }: Contract, location: string): boolean {
    const fault = pathFault(path)
    if (this.told.has(path)) return fault === undefined
    const uncallable = methods.map(({ name }) => name).filter(name => !isCallableName(name))
    if (fault !== undefined || uncallable.length > 0) this.told.add(path)
    if (fault !== undefined) {
      process.emitWarning(`the service '${location}' of this app is not offered to other nodes, as ${fault}; ` +
        'use it at another path if they are to call it')
    } else if (uncallable.length > 0) {
      process.emitWarning(`'${path}': remotes can't have ${uncallable.join(', ')}, as they keep such names for ` +
        'themselves; give these methods names that begin with a letter and that nothing else uses')
    }
    return fault === undefined
  }

  /** Adds the service options that callers get to know. */
  private share (contract: Contract, serviceOptions: object): Contract {
    const names = this.options.sharedOptions(contract)
    if (names === null || names === undefined) return contract
    const values = serviceOptions as Record<string, unknown>
    return { ...contract, remoteOptions: Object.fromEntries(names.map(name => [name, values[name]])) }
  }

  private withdraw (location: string): void {
    const path = stripSlashes(location)
    const service = findService(this.app, path)
    if (service === undefined || isRemote(service) || !this.options.registry.withdraw(path)) return
    this.unlisten(path)
    this.options.onChange()
  }

  private listen (service: FeathersService, { path, events }: Contract): void {
    this.unlisten(path)
    const byEvent = new Map<string, EventListener>()
    for (const event of events) {
      const listener: EventListener = (...args) => this.options.onEvent(this.toMessage(path, event, args))
      byEvent.set(event, listener)
      service.on(event, listener)
    }
    this.listeners.set(path, { service, byEvent })
  }

  private unlisten (path: string): void {
    const found = this.listeners.get(path)
    this.listeners.delete(path)
    found?.byEvent.forEach((listener, event) => found.service.off(event, listener))
  }

  private toMessage (path: string, event: string, args: readonly unknown[]): EventMessage {
    const { key } = this.options
    const last = args.length > 1 ? args[args.length - 1] : undefined
    if (!isHookContext(last, this.app)) return { path, key, event, args }
    const context = toPlainContext(last, args[0], eventParams(last.params))
    return { path, key, event, args: args.slice(0, -1), ...context === undefined ? {} : { context } }
  }
}

function warnOfUnknown (path: string, methods: readonly string[]): void {
  if (methods.length === 0) return
  process.emitWarning(`'${path}': distributedMethods names ${methods.join(', ')}, which Feathers does not know as ` +
    "methods of the service, so they are not offered; name them in the 'methods' of app.use() as well")
}

/** A service of another node that is registered on this app. */
export function isRemote (service: object): boolean {
  return (service as { remote?: unknown }).remote === true
}

/** `service.options`, where feathers-distributed looks for its limits and for what callers get to know. */
function instanceOptions (service: FeathersService): object {
  const { options } = service as { options?: unknown }
  if (typeof options !== 'object' || options === null) return {}
  // Methods and events are those that Feathers registered; what an instance calls so may be anything.
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'methods' && name !== 'events'))
}
