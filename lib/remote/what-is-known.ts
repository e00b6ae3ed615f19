import type { Registry } from '../registry/registry'

/** What is known of a service that nobody hosts, for the message of an error. */
export function whatIsKnown (registry: Registry, path: string): string {
  const seen = registry.lastSeen(path)
  if (seen !== undefined) return `'${path}' was last seen on node ${seen.node} at ${seen.at.toISOString()}`
  const others = registry.services.map(service => service.path)
  const rest = others.length === 0 ? 'nor has any other service' : `but these have: ${others.join(', ')}`
  return `'${path}' has never been seen on the mesh, ${rest}`
}
