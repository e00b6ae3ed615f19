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
  /** The field that identifies its records, where its host has said so: authentication looks for it. */
  readonly id: string | undefined

  constructor (entry: RemoteServiceEntry, remotes: Remotes) {
    const { key, path, remoteOptions, id } = marksOf(entry)
    this.key = key
    this.path = path
    this.remoteOptions = remoteOptions
    this.id = id
    defineMethods(this, entry.path, [...entry.methods, HEALTHCHECK], remotes)
  }
}

/** What tells users which service it is; its next hosts may be those of another key. */
export function marksOf (
  { key, remotePath, remoteOptions, id }: RemoteServiceEntry
): Pick<RemoteFeathersService, 'key' | 'path' | 'remoteOptions' | 'id'> {
  return { key, path: remotePath, remoteOptions, id }
}

/** Makes methods that call those of other nodes. */
export function defineMethods (service: object, path: string, methods: readonly string[], remotes: Remotes): void {
  for (const method of methods) {
    // Not enumerable, like the methods of a class.
    Object.defineProperty(service, method, {
      value: (...args: unknown[]) => remotes.callRemotely(path, method, args),
      writable: true,
      configurable: true
    })
  }
}
