import type { FeathersService, HookContext, NextFunction } from '@feathersjs/feathers'
import { HEALTHCHECK } from '../../contract/contract'
import type { Remotes } from '../../remote/remotes'
import { answerForClient, isForClient } from './client-json'
import { HOOKS } from '../hooks/hooked-method'
import type { Offered } from './offered'
import { putDetails } from '../reply-details'

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

  constructor (entry: Offered, remotes: Remotes) {
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
  { key, remotePath, remoteOptions, id }: Offered
): Pick<RemoteFeathersService, 'key' | 'path' | 'remoteOptions' | 'id'> {
  return { key, path: remotePath, remoteOptions, id }
}

/** Makes methods that call those of other nodes. */
export function defineMethods (service: object, path: string, methods: readonly string[], remotes: Remotes): void {
  for (const method of methods) {
    // Not enumerable, like the methods of a class.
    Object.defineProperty(service, method, {
      value (...args: unknown[]) {
        const called = remotes.callRemotely(path, method, args)
        return isForClient(args.at(-1)) ? answerForClient(called, { path, method }) : called
      },
      writable: true,
      configurable: true
    })
  }
}

/** What Feathers collects for each call of a method: the hooks around it, the outermost first. */
interface HookCollector {
  collectMiddleware (self: unknown, args: unknown[]): HookFunction[]
}

type HookFunction = (context: HookContext, next: NextFunction) => Promise<unknown>
type HookedMethods = Readonly<Record<string, { readonly [HOOKS]?: HookCollector } | undefined>>

/**
 * Makes registered methods tell their hook contexts what the host says beside the result, or the error, before any hook
 * sees it. A method does not know the context that it is called for; what stands within all hooks does.
 */
export function tellContexts (
  service: FeathersService, path: string, methods: readonly string[], remotes: Remotes
): void {
  for (const method of methods) {
    const collector = (service as unknown as HookedMethods)[method]?.[HOOKS]
    if (collector === undefined) continue
    const call: HookFunction = (context, next) => {
      // A hook may have given the result already.
      if (Object.hasOwn(context, 'result')) return next()
      const { arguments: args } = context as HookContext & { readonly arguments: readonly unknown[] }
      const called = remotes.callWithDetails(path, method, args, details => putDetails(context, details))
      const answered = isForClient(context.params) ? answerForClient(called, { path, method }, context) : called
      return answered.then(result => { context.result = result })
    }
    const collect = collector.collectMiddleware.bind(collector)
    collector.collectMiddleware = (self, args) => [...collect(self, args), call]
  }
}
