import type { Registry } from '../../registry/registry'

/**
 * What is known of a service that nobody hosts, for the message of an error.
 *
 * @param node - the only node that was to be asked
 */
export function whatIsKnown (registry: Registry, path: string, node?: string): string {
  const entry = registry.service(path)
  const keptOut = [...entry?.keptOut ?? []].filter(([id]) => id === (node ?? id))
  if (keptOut.length > 0 && (node !== undefined || entry?.isCallable === false)) {
    return `strictContracts keeps out ${keptOut.map(([id, why]) => `node ${id} (${why})`).join(', ')}`
  }
  if (node !== undefined && entry !== undefined) {
    return `node ${node} does not host it, but these do: ${entry.hosts.map(host => host.node.id).join(', ')}`
  }
  const seen = registry.lastSeen(path)
  if (seen !== undefined) return `'${path}' was last seen on node ${seen.node} at ${seen.at.toISOString()}`
  const others = registry.services.map(service => service.path)
  const rest = others.length === 0 ? 'nor has any other service' : `but these have: ${others.join(', ')}`
  return `'${path}' has never been seen on the mesh, ${rest}`
}
