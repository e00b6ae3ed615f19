import type { Application, FeathersService, ServiceOptions } from '@feathersjs/feathers'
import { getServiceOptions } from '@feathersjs/feathers'
import { accessOfAll, accessOfService, allowFaults, type Access } from '../../contract/access'
import { isCallableName } from '../../contract/callable-name'
import type { Contract } from '../../contract/contract'
import { withHash } from '../../contract/contract-hash'
import {
  contractOfService, limitContract, unknownMethods, withIdOf, type ContractLimits, type FeathersServiceOptions
} from '../../contract/from-service'
import { pathFault, stripSlashes } from '../../contract/path'
import type { NodeLog } from '../../log'
import type { LogCode } from '../../log-codes'
import { kindOfValue } from '../../printable'
import { fieldsOf, isRecord } from '../../record'
import type { Registry } from '../../registry/registry'
import { eventParams } from '../../remote/call/wire-params'
import type { EventStore } from '../../transport/event-store'
import type { EventMessage } from '../../transport/transport'
import { findService, followServices, isHealthService, isRemote, servicesOf } from '../app/feathers-app'
import { isHookContext, toPlainContext } from '../hooks/hook-context'
import { declaredContract, type DeclaredContract } from './declared-contract'
import { durableFaults, throwIfNotKept } from './durable-events'
import { plainOptions } from './plain-options'

/** What decides which services are offered, and what follows from offering them. */
export interface HostedServicesOptions {
  /** Where the offers go. */
  readonly registry: Registry
  readonly log: NodeLog
  /** The partition of this node. */
  readonly key: string
  /** Which plain services are offered; those with a declared contract always are. */
  readonly isOffered: (contract: Contract) => boolean
  /** The methods and events that this node offers at all. */
  readonly limits: ContractLimits
  /** The names of the service options that callers can read. */
  readonly sharedOptions: (contract: Contract) => readonly string[] | null | undefined
  /** Called when the offers have changed. */
  readonly onChange: () => void
  /** Gets each event of an offered service. */
  readonly events: EventSink
}

/** Where the events of services go. */
export interface EventSink {
  /** What keeps durable events; undefined where the transport keeps none. */
  readonly eventStore: EventStore | undefined
  publish (message: EventMessage, isDurable: boolean): void
  /** A service with durable events is offered. */
  beginDurable (): void
}

type EventListener = (...args: unknown[]) => void

/** The limits that services set themselves, by the names of their options. */
const LISTS = ['distributedMethods', 'distributedEvents', 'durableEvents'] as const

/** Offers the services of an app to the mesh while the app has them, and passes their events on. */
export class HostedServices {
  /** The paths that a warning was given for: each gets one. */
  private readonly warned = new Set<string>()
  private readonly listeners = new Map<string, { service: FeathersService, byEvent: Map<string, EventListener> }>()

  constructor (private readonly app: Application, private readonly options: HostedServicesOptions) {
    for (const path of Object.keys(servicesOf(app))) {
      const service = app.service(path)
      this.offer(service, path, getServiceOptions(service))
    }
    // A mixin sees every service that is registered from now on, however the program registers it.
    followServices(app, (service, path, serviceOptions) => this.offer(service, path, serviceOptions))
  }

  /** Withdraws the offer of a service that the app is about to give up. */
  withdraw (location: string): void {
    const path = stripSlashes(location)
    const service = findService(this.app, path)
    if (service === undefined || isRemote(service) || !this.options.registry.withdraw(path)) return
    this.unlisten(path)
    this.options.onChange()
  }

  private offer (service: FeathersService, location: string, serviceOptions: ServiceOptions): void {
    // Each node has its own view of the health of the mesh, also where a sub-app brings the service along.
    if (isRemote(service) || isHealthService(service)) return
    const path = stripSlashes(location)
    const declared = declaredContract(serviceOptions)
    // Services like those of @feathersjs/memory keep options on the instance.
    const instance = instanceOptions(service)
    const all: FeathersServiceOptions = this.withLists(path, { ...serviceOptions, ...instance })
    const allows = [serviceOptions.allow, fieldsOf(instance).allow]
    const full = declared?.contract ?? contractOfService(path, all)
    const contract = this.withSharedOptions(limitContract(full, this.options.limits), all)
    const isOffered = contract.methods.length > 0 && (declared !== undefined || this.options.isOffered(contract))
    // The service may replace one that is offered.
    if (!isOffered) return this.withdraw(path)
    if (!this.canBeOffered(contract, location)) return
    if (declared === undefined) this.warnOfUnknown(path, unknownMethods(all))
    const { events } = this.options
    const access = this.accessOf(path, declared, allows)
    const keeping = { store: events.eventStore, log: this.options.log }
    throwIfNotKept(durableFaults(contract, declared === undefined ? all : {}, access, keeping))
    this.options.registry.offer(withHash(withIdOf(service, contract)), access)
    if (contract.durableEvents !== undefined) events.beginDurable()
    this.listen(service, contract)
    this.options.onChange()
  }

  /** Whether peers accept the path. Warns once of a path that they don't, and of methods that no remote can have. */
  private canBeOffered ({ path, methods }: Contract, location: string): boolean {
    const fault = pathFault(path)
    if (this.warned.has(path)) return fault === undefined
    const uncallable = methods.map(({ name }) => name).filter(name => !isCallableName(name))
    if (fault !== undefined || uncallable.length > 0) this.warned.add(path)
    if (fault !== undefined) {
      this.warn('FEATHERS_MESH_NOT_OFFERED', path, `the service '${location}' of this app is not offered to other nodes, ` +
        `as ${fault}; use it at another path if they are to call it`)
    } else if (uncallable.length > 0) {
      this.warn('FEATHERS_MESH_NOT_OFFERED', path, `'${path}': remotes can't have ${uncallable.join(', ')}, as they keep such names for ` +
        'themselves; give these methods names that begin with a letter and that nothing else uses')
    }
    return fault === undefined
  }

  /** Adds the service options that callers can read. */
  private withSharedOptions (contract: Contract, serviceOptions: FeathersServiceOptions): Contract {
    const names = this.options.sharedOptions(contract)
    if (names === null || names === undefined) return contract
    const values: Readonly<Record<string, unknown>> = { ...serviceOptions }
    const remoteOptions = plainOptions(names, values, name => {
      this.warn('FEATHERS_MESH_SERVICE_OPTIONS', contract.path, `'${contract.path}': remoteServiceOptions names ` +
        `'${name}', which other nodes don't get, as it is not plain JSON (two places may not have one object), or ` +
        'longer than 65536 characters')
    })
    return { ...contract, remoteOptions }
  }

  private listen (service: FeathersService, { path, events, durableEvents = [] }: Contract): void {
    this.unlisten(path)
    const byEvent = new Map<string, EventListener>()
    for (const event of events) {
      const isDurable = durableEvents.includes(event)
      const listener: EventListener = (...args) => {
        this.options.events.publish(this.toMessage(path, event, args), isDurable)
      }
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

  /**
   * Who may call a service: what its class, its registration and its instance all allow. Adapters of databases keep the
   * options of their constructors on the instance, so `new MemoryService({ allow })` counts.
   */
  private accessOf (
    path: string, declared: DeclaredContract | undefined, allows: readonly unknown[]
  ): Access | undefined {
    for (const fault of allows.flatMap(allow => allowFaults(`'${path}'`, allow ?? undefined))) {
      this.warn('FEATHERS_MESH_ALLOW', path, `${fault}; until then no node may call it`)
    }
    return accessOfAll(declared?.access, ...allows.map(accessOfService))
  }

  /** The options of a service, in which its limits are lists: whatever else was given was meant to limit something. */
  private withLists (path: string, options: FeathersServiceOptions): FeathersServiceOptions {
    const lists: Partial<Record<typeof LISTS[number], readonly string[]>> = {}
    for (const name of LISTS) {
      const given: unknown = options[name]
      const isList = Array.isArray(given) && given.every(each => typeof each === 'string')
      if (given === undefined || isList) continue
      lists[name] = given === null ? undefined : []
      if (given === null) continue
      this.warn('FEATHERS_MESH_SERVICE_OPTIONS', path, `'${path}': ${name} must be a list of names, not ` +
        `${kindOfValue(given)}; it counts as an empty one`)
    }
    return { ...options, ...lists }
  }

  private warnOfUnknown (path: string, methods: readonly string[]): void {
    if (methods.length === 0) return
    this.warn('FEATHERS_MESH_NOT_OFFERED', path, `'${path}': distributedMethods names ${methods.join(', ')}, which ` +
      'Feathers does not know as methods of the service, so they are not offered; name them in the \'methods\' of ' +
      'app.use() as well')
  }

  private warn (code: LogCode, path: string, text: string): void {
    this.options.log.tell(code, text, { path })
  }
}

/** `service.options`, where feathers-distributed looks for its limits and for the options that callers can read. */
function instanceOptions (service: object): object {
  if (!('options' in service) || !isRecord(service.options)) return {}
  // Methods and events are those that Feathers registered. An instance may use these names for anything.
  return Object.fromEntries(Object.entries(service.options).filter(([name]) => name !== 'methods' && name !== 'events'))
}
