import { meshNow } from '../../clock'
import type { Registry } from '../../registry/registry'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'

/** How long: a server has started again by then, and a call waits longer for a host. */
const AWAITED_MS = 10_000

/**
 * The services of `remotes` whose hosts this node, or they, lost together with a server between them. Most of them are
 * still there, and back as soon as a server is: so for a while each counts as hosted. A host that is back, or that
 * leaves for another reason, counts as any other.
 */
export class AwaitedHosts {
  /** Until when hosts are awaited: by the path of the service, and the ids of their nodes. */
  private readonly ends = new Map<string, Map<string, number>>()

  /** @param paths - the services that this node needs */
  constructor (private readonly registry: Registry, private readonly paths: readonly string[]) {
    registry.on('service', entry => this.onHosts(entry))
    registry.on('service-changed', entry => this.onHosts(entry))
  }

  /** The connection to a node has broken, which is still in the registry. */
  expect (nodeId: string): void {
    const now = meshNow()
    for (const path of this.paths) {
      const entry = this.registry.service(path)
      if (entry?.hostOf(nodeId) === undefined || entry.excludedHosts.has(nodeId)) continue
      const hosts = this.ends.get(path) ?? new Map<string, number>()
      for (const [id, end] of hosts) if (end <= now) hosts.delete(id)
      this.ends.set(path, hosts.set(nodeId, now + AWAITED_MS))
    }
  }

  /** Whether a host of a service is awaited. */
  has (path: string): boolean {
    const now = meshNow()
    return [...this.ends.get(path)?.values() ?? []].some(end => end > now)
  }

  /** This node has left the mesh. */
  clear (): void {
    this.ends.clear()
  }

  private onHosts (entry: RemoteServiceEntry): void {
    const hosts = this.ends.get(entry.path)
    if (hosts === undefined) return
    for (const id of hosts.keys()) if (entry.hostOf(id) !== undefined) hosts.delete(id)
  }
}
