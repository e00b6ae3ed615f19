import type { RemoteServiceEntry } from '../registry/remote-service-entry'

const NONE: readonly RemoteServiceEntry[] = []

/**
 * The remote services in use that have had listeners here, by their paths on their hosts, where services of several
 * keys may share one.
 */
export class EventSources {
  private readonly byRemotePath = new Map<string, readonly RemoteServiceEntry[]>()

  /** Those with a path on their hosts. */
  at (remotePath: string): readonly RemoteServiceEntry[] {
    return this.byRemotePath.get(remotePath) ?? NONE
  }

  /** A service has a listener now. */
  add (entry: RemoteServiceEntry): void {
    const sources = this.at(entry.remotePath)
    if (!sources.includes(entry)) this.byRemotePath.set(entry.remotePath, [...sources, entry])
  }

  /** A service is gone. Returns whether it has had a listener. */
  delete (entry: RemoteServiceEntry): boolean {
    const sources = this.at(entry.remotePath)
    if (!sources.includes(entry)) return false
    const others = sources.filter(source => source !== entry)
    if (others.length > 0) this.byRemotePath.set(entry.remotePath, others)
    else this.byRemotePath.delete(entry.remotePath)
    return true
  }
}
