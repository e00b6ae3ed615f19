import type { FeathersService, HookContext, NextFunction } from '@feathersjs/feathers'
import { HEALTHCHECK } from '../../../contract/contract'
import type { FailedCall } from '../../../errors'
import type { Remotes } from '../../../remote/remotes'
import { collectorOf, extendHooks } from '../../hooks/hook-collector'
import type { AroundHook } from '../../hooks/registered-hooks'
import { putDetails } from '../../hooks/reply-details'
import { answerForClient, isForClient } from '../client-json'
import type { ServiceOffer } from './service-offer'

/** What identifies a remote service to users. Its next hosts may be those of another key. */
export type ServiceMarks = Pick<ForwardingService, 'key' | 'path' | 'remoteOptions' | 'id'>

/** A service object whose methods call other nodes. Its other fields have the names of feathers-distributed. */
export class ForwardingService {
  readonly remote = true
  /** The partition of its nodes. */
  readonly key: string
  /** Its path on those nodes. */
  readonly path: string
  readonly remoteOptions: Readonly<Record<string, unknown>> | undefined
  /** The field that identifies its records, where the host sends it. Authentication looks for it. */
  readonly id: string | undefined

  constructor (offer: ServiceOffer, remotes: Remotes) {
    const { key, path, remoteOptions, id } = marksOf(offer)
    this.key = key
    this.path = path
    this.remoteOptions = remoteOptions
    this.id = id
    defineMethods(this, offer.path, [...offer.methods, HEALTHCHECK], remotes)
  }
}

/** The marks that an offer gives a service. */
export function marksOf ({ key, remotePath, remoteOptions, id }: ServiceOffer): ServiceMarks {
  return { key, path: remotePath, remoteOptions, id }
}

/** Defines methods that call those of other nodes, without hooks. */
export function defineMethods (service: object, path: string, methods: readonly string[], remotes: Remotes): void {
  for (const method of methods) {
    const forwarder = new Forwarder(remotes, path, method)
    // Not enumerable, like the methods of a class.
    Object.defineProperty(service, method, {
      value: (...args: unknown[]) => forwarder.call(args), writable: true, configurable: true
    })
  }
}

/**
 * Makes registered methods call other nodes with their hook context, so that it gets the details of a reply before any
 * hook sees the result. A method does not know the context of its call; a hook that runs inside all others does.
 */
export function forwardWithContext (
  service: FeathersService, path: string, methods: readonly string[], remotes: Remotes
): void {
  for (const method of methods) {
    const collector = collectorOf(service, method)
    if (collector === undefined) continue
    const forwarder = new Forwarder(remotes, path, method)
    const forward: AroundHook = (context, next) => forwarder.run(context, next)
    extendHooks(collector, hooks => [...hooks, forward])
  }
}

/** Calls one method of other nodes. One object serves all calls of the method. */
class Forwarder {
  /** For errors; made once, so that calls make no object for it. */
  private readonly failedCall: FailedCall

  constructor (private readonly remotes: Remotes, private readonly path: string, private readonly method: string) {
    this.failedCall = { path, method }
  }

  /** A call without a hook context. */
  call (args: readonly unknown[]): Promise<unknown> {
    return this.answer(this.remotes.callRemotely(this.path, this.method, args), args.at(-1))
  }

  /** A call with a hook context, which gets the result and the details of the reply. */
  run (context: HookContext, next: NextFunction): Promise<unknown> {
    // A hook that sets the result replaces the call.
    if (Object.hasOwn(context, 'result')) return next()
    const called = this.remotes.callWithDetails(
      this.path, this.method, context.arguments, details => putDetails(context, details)
    )
    return this.answer(called, context.params, context).then(result => { context.result = result })
  }

  private answer (called: Promise<unknown>, params: unknown, context?: HookContext): Promise<unknown> {
    if (!isForClient(params)) return called
    return answerForClient(called, { call: this.failedCall, params, failures: this.remotes.failures }, context)
  }
}
