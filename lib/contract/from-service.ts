import { isProtectedName } from './callable-name'
import { STANDARD_EVENTS, isShortText, methodNamed, type Contract } from './contract'
import { isReservedEvent } from './event-name'
import { stripSlashes } from './path'
import { fieldsOf } from '../record'

/** The options of a registered service, and the limits that it sets itself. */
export interface FeathersServiceOptions {
  /** Methods that Feathers registered. */
  readonly methods?: readonly string[]
  /** Custom events. */
  readonly events?: readonly string[]
  /** The methods that the mesh offers of it, as in feathers-distributed. @default all */
  readonly distributedMethods?: readonly string[]
  /** The events that the mesh offers of it, as in feathers-distributed. @default all */
  readonly distributedEvents?: readonly string[]
  /** The events that are kept until each durable group has handled them. @default none */
  readonly durableEvents?: readonly string[]
}

/** The methods and events that a node offers of all its services. @default all */
export interface ContractLimits {
  readonly methods?: readonly string[]
  readonly events?: readonly string[]
}

/** The contract of a plain Feathers service: its methods and events, as its own options limit them. */
export function contractOfService (path: string, options: FeathersServiceOptions): Contract {
  const { methods = [] } = options
  const events = options.distributedEvents ?? [...STANDARD_EVENTS, ...options.events ?? []]
  const offered = [...new Set(events)].filter(name => !isReservedEvent(name))
  return {
    path: stripSlashes(path),
    methods: [...new Set(options.distributedMethods ?? methods)]
      .filter(name => methods.includes(name) && !isProtectedName(name))
      .map(methodNamed),
    events: offered,
    ...durableOf(offered, options.durableEvents)
  }
}

/** The field of a contract that names durable events; it is left out where there are none. */
export function durableOf (
  events: readonly string[], durable: readonly string[] = []
): Pick<Contract, 'durableEvents'> {
  const names = events.filter(name => durable.includes(name))
  return names.length === 0 ? {} : { durableEvents: names }
}

/** The `durableEvents` that a service does not offer: nobody would keep them. */
export function unknownDurable ({ durableEvents = [] }: FeathersServiceOptions, { events }: Contract): string[] {
  return durableEvents.filter(name => !events.includes(name))
}

/** The `distributedMethods` that a service does not have: a call would run without hooks, or do nothing. */
export function unknownMethods ({ methods = [], distributedMethods }: FeathersServiceOptions): string[] {
  return distributedMethods?.filter(name => !methods.includes(name)) ?? []
}

/** A contract with the `id` of its service: adapters have one, and other services may. */
export function withIdOf (service: object, contract: Contract): Contract {
  const { id } = fieldsOf(service)
  return isShortText(id) ? { ...contract, id } : contract
}

/** The part of a contract within the limits of its node. */
export function limitContract (contract: Contract, { methods, events }: ContractLimits): Contract {
  const { durableEvents, ...rest } = contract
  const left = contract.events.filter(name => events?.includes(name) ?? true)
  return {
    ...rest,
    methods: contract.methods.filter(({ name }) => methods?.includes(name) ?? true),
    events: left,
    ...durableOf(left, durableEvents)
  }
}
