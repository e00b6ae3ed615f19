import { setImmediate as nextTurn } from 'node:timers/promises'
import { meshNow } from '../../clock'
import type { KnownLists } from '../session/contracts/known-lists'
import type { Peer, TransportHost } from '../transport'

/** How long a node waits for what is on its way. */
const ARRIVING_MS = 3_000

/** What others learn of a node, made once for all of them and for all nodes that offer the same. */
export function peerOf (host: TransportHost, lists: KnownLists): Peer {
  const { id, name, key, isObserver } = host
  const contracts = lists.share(host.contracts())
  const observer = isObserver === true ? { isObserver } : {}
  return { id, ...name === undefined ? {} : { name }, key, contracts, ...observer }
}

/** Resolves when all of these have arrived, or won't any more. */
export async function allArrived (arrivals: ReadonlyArray<(() => boolean) | undefined>): Promise<void> {
  // A wire of the user may lose messages.
  const end = meshNow() + ARRIVING_MS
  while (meshNow() < end && !arrivals.every(hasArrived => hasArrived?.() !== false)) await nextTurn()
}
