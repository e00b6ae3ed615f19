import { DURABLE_FOR_ALL, type Access } from '../../contract/access'
import type { Contract } from '../../contract/contract'
import { unknownDurable, type FeathersServiceOptions } from '../../contract/from-service'
import { ConfigurationError } from '../../errors'
import type { NodeLog } from '../../log'
import { printablePart } from '../../printable'
import { NO_STORE, type EventStore } from '../../transport/event-store'

/**
 * What is wrong with the durable events of a service.
 *
 * @param options - those of a plain service
 * @param store - what keeps events, where the transport has something
 */
export function durableFaults (
  contract: Contract, options: FeathersServiceOptions, access: Access | undefined,
  { store, log }: { readonly store: EventStore | undefined, readonly log: NodeLog }
): string[] {
  const { path, durableEvents = [] } = contract
  const unknown = unknownDurable(options, contract).map(name =>
    `'${path}': durableEvents names '${printablePart(name)}', which is no event that it offers; name it in 'events' as well`)
  if (durableEvents.length === 0) return unknown
  return [
    ...unknown,
    ...durableEvents.some(event => access?.audience(event, log) !== undefined) ? [`'${path}': ${DURABLE_FOR_ALL}`] : [],
    ...store === undefined ? [`'${path}' has durable events (${durableEvents.join(', ')}), and ${NO_STORE}`] : store.faults()
  ]
}

/** @throws {@link ConfigurationError} with all that is wrong */
export function throwIfNotKept (faults: readonly string[]): void {
  if (faults.length > 0) throw new ConfigurationError(faults)
}
