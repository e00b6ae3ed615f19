import { namesOf } from '../../errors'
import { nodeTitle, printable } from '../../printable'
import type { Registry } from '../../registry/registry'

/** The most nodes that a message names. */
const MAX_NODES = 10

/**
 * Why no node can take a call of a service, as far as this node knows, for the message of an error.
 *
 * @param node - the only node that may be asked
 */
export function unavailableReason (registry: Registry, path: string, node?: string): string {
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
