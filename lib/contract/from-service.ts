import type { Contract } from './contract'
import { STANDARD_EVENTS, isIdempotentByNature, isShortText, stripSlashes } from './contract'
import { isProtectedName } from './callable-name'

/** What Feathers knows of a registered service, and what the service itself limits. */
export interface FeathersServiceOptions {
  readonly methods?: readonly string[]
  /** Custom events. */
  readonly events?: readonly string[]
  /** Limits of one service, as in feathers-distributed. */
  readonly distributedMethods?: readonly string[]
  readonly distributedEvents?: readonly string[]
}

/** What a whole node lets out; all of it where nothing is said. */
export interface ContractLimits {
  readonly methods?: readonly string[]
  readonly events?: readonly string[]
}

/** The contract of a plain Feathers service: its methods and events, as its own options limit them. */
export function contractOfService (path: string, options: FeathersServiceOptions): Contract {
  const { methods = [] } = options
  const events = options.distributedEvents ?? [...STANDARD_EVENTS, ...options.events ?? []]
  return {
    path: stripSlashes(path),
    methods: [...new Set(options.distributedMethods ?? methods)]
      .filter(name => methods.includes(name) && !isProtectedName(name))
      .map(name => ({ name, idempotent: isIdempotentByNature(name) })),
    events: [...new Set(events)]
  }
}

/** What a service limits its methods to though it has no such method: a call would run without hooks, or do nothing. */
export function unknownMethods ({ methods = [], distributedMethods }: FeathersServiceOptions): string[] {
  return distributedMethods?.filter(name => !methods.includes(name)) ?? []
}

/** A contract with the `id` of its service: an adapter has one, and so may any other service. */
export function withIdOf (service: object, contract: Contract): Contract {
  const { id } = service as { readonly id?: unknown }
  return isShortText(id) ? { ...contract, id } : contract
}

/** What is left of a contract within the limits of its node. */
export function limitContract (contract: Contract, { methods, events }: ContractLimits): Contract {
  return {
    ...contract,
    methods: contract.methods.filter(({ name }) => methods?.includes(name) ?? true),
    events: contract.events.filter(name => events?.includes(name) ?? true)
  }
}
