import type { ClassDefinition } from '../class-contract/from-class'
import { NO_STORE } from '../transport/event-store'
import type { Transport } from '../transport/transport'
import type { ListeningClass } from './build-services'

/** What keeps the durable events of classes from being kept, and from being heard, by a transport. */
export function unkeptFaults (
  { eventStore }: Transport, definitions: Iterable<ClassDefinition>, listening: readonly ListeningClass[]
): string[] {
  const kept = [...definitions].flatMap(({ contract: { path, durableEvents = [] } }) =>
    durableEvents.map(event => `the event '${event}' of '${path}' is durable`))
  const heard = listening.flatMap(({ target: { name }, listeners }) => listeners
    .filter(({ durable }) => durable !== undefined)
    .map(({ method, durable }) => `${name}#${method} is in the durable group '${durable?.durable ?? ''}'`))
  const uses = [...kept, ...heard]
  if (uses.length === 0) return []
  return eventStore === undefined ? uses.map(use => `${use}, and ${NO_STORE}`) : [...eventStore.faults()]
}
