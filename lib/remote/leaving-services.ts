import type { RemoteServiceEntry } from '../registry/remote-service-entry'

const NONE: readonly RemoteServiceEntry[] = []

/** The services of a node that left while events of it may still come. It may have had thousands of them. */
export class LeavingServices {
  private readonly paths = new Set<string>()
  private readonly byRemotePath = new Map<string, RemoteServiceEntry[]>()

  constructor (entries: readonly RemoteServiceEntry[]) {
    for (const entry of entries) {
      this.paths.add(entry.path)
      const others = this.byRemotePath.get(entry.remotePath)
      if (others === undefined) this.byRemotePath.set(entry.remotePath, [entry])
      else others.push(entry)
    }
  }

  /** How many there are. */
  get size (): number {
    return this.paths.size
  }

  /** Whether one of them has this path on this node. */
  has (path: string): boolean {
    return this.paths.has(path)
  }

  /** Those that have this path on their hosts; services of several keys may share one. */
  at (remotePath: string): readonly RemoteServiceEntry[] {
    return this.byRemotePath.get(remotePath) ?? NONE
  }
}
