import { GeneralError } from '@feathersjs/errors'
import { HEALTHCHECK } from '../contract/contract'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Remotes } from '../remote/remotes'
import { refuseEndlessJson } from '../transport/values/json-text'
import { isRecord } from '../transport/values/record'

/** A service of other nodes as an app has it; the names are those of feathers-distributed. */
export class RemoteFeathersService {
  readonly remote = true
  /** The partition of its nodes. */
  readonly key: string
  /** Its path on them. */
  readonly path: string
  readonly remoteOptions: Readonly<Record<string, unknown>> | undefined

  constructor (entry: RemoteServiceEntry, remotes: Remotes) {
    const { key, path, remoteOptions } = marksOf(entry)
    this.key = key
    this.path = path
    this.remoteOptions = remoteOptions
    defineMethods(this, entry.path, [...entry.methods, HEALTHCHECK], remotes)
  }
}

/** What tells users which service it is; its next hosts may be those of another key. */
export function marksOf (
  { key, remotePath, remoteOptions }: RemoteServiceEntry
): Pick<RemoteFeathersService, 'key' | 'path' | 'remoteOptions'> {
  return { key, path: remotePath, remoteOptions }
}

/** Whether a client of this app asked, which gets JSON. */
function isForClient (args: readonly unknown[]): boolean {
  const params = args.at(-1)
  return isRecord(params) && params.provider !== undefined
}

/** A result of few bytes may be more JSON than this node could write in its life. */
async function checkForClient (result: Promise<unknown>, call: string): Promise<unknown> {
  const value = await result
  try {
    refuseEndlessJson(value)
  } catch (error) {
    throw new GeneralError(`${call}: the result can't be sent to a client: ${(error as Error).message}`)
  }
  return value
}

/** Makes methods that call those of other nodes. */
export function defineMethods (service: object, path: string, methods: readonly string[], remotes: Remotes): void {
  for (const method of methods) {
    // Not enumerable, like the methods of a class.
    Object.defineProperty(service, method, {
      value (...args: unknown[]) {
        const result = remotes.callRemotely(path, method, args)
        return isForClient(args) ? checkForClient(result, `${path}.${method}()`) : result
      },
      writable: true,
      configurable: true
    })
  }
}
