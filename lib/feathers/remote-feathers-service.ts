import { HEALTHCHECK } from '../contract/contract'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Remotes } from '../remote/remotes'

/** A service of other nodes as an app has it; the names are those of feathers-distributed. */
export class RemoteFeathersService {
  readonly remote = true
  /** The partition of its nodes. */
  readonly key: string
  /** Its path on them. */
  readonly path: string
  readonly remoteOptions: Readonly<Record<string, unknown>> | undefined

  constructor (entry: RemoteServiceEntry, remotes: Remotes) {
    this.key = entry.key
    this.path = entry.remotePath
    this.remoteOptions = entry.remoteOptions
    for (const method of [...entry.methods, HEALTHCHECK]) {
      // Not enumerable, like the methods of a class.
      Object.defineProperty(this, method, {
        value: (...args: unknown[]) => remotes.callRemotely(entry.path, method, args),
        writable: true,
        configurable: true
      })
    }
  }
}
