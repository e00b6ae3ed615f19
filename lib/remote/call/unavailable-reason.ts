import { namesOf } from '../../errors'
import { nodeTitle, printable } from '../../printable'
import type { Registry } from '../../registry/registry'
import type { Transport, UnreachablePeer } from '../../transport/transport'

/** How many nodes that can't be reached an error names. */
const MAX_NAMED = 3

/** What this node knows of the mesh. */
interface Knowledge {
  readonly registry: Registry
  readonly transport: Transport
}

/** The most nodes that a message names. */
const MAX_NODES = 10

/**
 * Why no node can take a call of a service, as far as this node knows, for the message of an error.
 *
 * @param node - the only node that may be asked
 */
export function unavailableReason ({ registry, transport }: Knowledge, path: string, node?: string): string {
  const unreachable = transport.unreachable?.() ?? []
  return [reasonOf(registry, path, node), ...unreachableNodes(unreachable, node)].join('; ')
}

/** The nodes that were heard and can't be reached: any of them may host the service. */
function unreachableNodes (peers: readonly UnreachablePeer[], node: string | undefined): string[] {
  const concerned = peers.filter(({ id }) => id === undefined || id === (node ?? id))
  const named = concerned.slice(0, MAX_NAMED).map(({ id, name, key, address, reason, isPlace, code }) => {
    // It is about this node.
    if (code === 'unsaidHello') return printable(reason)
    if (isPlace) return printable(`no node was found at ${address}: ${reason}`)
    const title = id === undefined ? 'a node' : `node ${nodeTitle({ id, name })}`
    if (key === undefined) return printable(`${title} at ${address} was heard, but ${reason}`)
    return printable(`${title} with key '${key}' was heard, but no connection to ${address}: ${reason}`)
  })
  return concerned.length > MAX_NAMED ? [...named, `and ${concerned.length - MAX_NAMED} more`] : named
}

function reasonOf (registry: Registry, path: string, node?: string): string {
  const entry = registry.service(path)
  const excluded = [...entry?.excludedHosts ?? []].filter(([id]) => id === (node ?? id))
  const titleOf = (id: string): string => nodeTitle(entry?.hosts.find(host => host.node.id === id)?.node ?? { id })
  if (excluded.length > 0 && (node !== undefined || entry?.isCallable === false)) {
    return `strictContracts keeps out ${excluded.slice(0, MAX_NODES).map(([id, why]) => `node ${titleOf(id)} (${printable(why)})`).join(', ')}`
  }
  if (node !== undefined && entry !== undefined) {
    return `node ${node} does not host it, but these do: ${entry.hosts.slice(0, MAX_NODES).map(host => nodeTitle(host.node)).join(', ')}`
  }
  const seen = registry.lastSeen(path)
  if (seen !== undefined) {
    const title = nodeTitle({ id: seen.node, name: seen.name })
    return `'${path}' was last seen on node ${title} at ${seen.at.toISOString()}`
  }
  const others = registry.services.map(service => service.path)
  const rest = others.length === 0 ? 'nor has any other service' : `but these have: ${namesOf(others)}`
  return `'${path}' has never been seen on the mesh, ${rest}`
}
