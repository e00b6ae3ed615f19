import { NameCounts } from '../collections/name-counts'
import { SizedMap } from '../collections/sized-map'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'

const NONE: readonly RemoteServiceEntry[] = []

/** The services of a node that left while events of it may still come. It may have had thousands of them. */
export class LeavingServices {
  /** Their paths on this node. */
  readonly paths: ReadonlySet<string>
  private readonly byRemotePath = new Map<string, RemoteServiceEntry[]>()

  constructor (entries: readonly RemoteServiceEntry[]) {
    this.paths = new Set(entries.map(({ path }) => path))
    for (const entry of entries) {
      const others = this.byRemotePath.get(entry.remotePath)
      if (others === undefined) this.byRemotePath.set(entry.remotePath, [entry])
      else others.push(entry)
    }
  }

  /** How many there are. */
  get size (): number {
    return this.paths.size
  }

  /** Those that have this path on their hosts; services of several keys may share one. */
  at (remotePath: string): readonly RemoteServiceEntry[] {
    return this.byRemotePath.get(remotePath) ?? NONE
  }
}

/** The nodes that left while events of them may still come, the last ones, with their services. */
export class LeavingNodes extends SizedMap<string, LeavingServices> {
  /** How many of them have a service on a path of this node. */
  private readonly paths = new NameCounts()

  /**
   * @param max - the most nodes
   * @param maxServices - the most services of all of them
   */
  constructor (max: number, maxServices: number) {
    super(max, maxServices, (_id, { size }) => size)
  }

  /** Whether one of them has a service on a path of this node. */
  hasPath (path: string): boolean {
    return this.paths.of(path) > 0
  }

  override set (id: string, services: LeavingServices): this {
    // First: it may be forgotten at once.
    this.paths.add(services.paths)
    return super.set(id, services)
  }

  override delete (id: string): boolean {
    const services = this.get(id)
    if (services !== undefined) this.paths.remove(services.paths)
    return super.delete(id)
  }
}
