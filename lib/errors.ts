import { Forbidden, MethodNotAllowed, NotFound, Timeout, Unavailable } from '@feathersjs/errors'

/**
 * What a definition or an option does wrong, all faults together.
 *
 * Thrown by `DistributedModule.forRoot()` and by the decorators; never crosses the mesh.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  /** @param faults - one sentence each: where it is, what is wrong, what to do about it */
  constructor (readonly faults: readonly string[]) {
    super(`feathers-mesh is not set up correctly:\n${faults.map(fault => `  - ${fault}`).join('\n')}`)
  }
}

/** Whether a call that failed on its way may have run on the other side. */
export type CallOutcome = 'unknown' | 'not-sent'

/** The `data` of every error that the mesh itself gives a caller. */
export interface CallErrorData {
  readonly path: string
  readonly method?: string
  /** The node that was asked, where one was. */
  readonly node?: string
  /** `not-sent`: it did not run; `unknown`: it may have run. */
  readonly outcome?: CallOutcome
}

/** Names a call as `todos.complete()` for messages. */
function nameOf (data: CallErrorData): string {
  return data.method === undefined ? `'${data.path}'` : `${data.path}.${data.method}()`
}

/** No node could take the call, or the connection was lost while it ran. */
export function unavailable (data: CallErrorData, reason: string): Unavailable {
  return new Unavailable(`${nameOf(data)}: ${reason}`, { ...data })
}

/** A node was asked and the call's time is over. */
export function timedOut (data: CallErrorData, timeout: number): Timeout {
  const at = data.node === undefined ? '' : ` from node ${data.node}`
  return new Timeout(`${nameOf(data)}: no reply${at} within ${timeout} ms`, { ...data })
}

/** The service is there, and not for this caller. */
export function forbidden (
  data: CallErrorData, { node, key }: { readonly node?: string, readonly key?: string }
): Forbidden {
  const caller = node === undefined ? 'a node that does not say who it is' : `node ${node} with key '${key}'`
  return new Forbidden(`${nameOf(data)} is not allowed for ${caller}`, { ...data, outcome: 'not-sent' })
}

/** The contract of the service has no such method. */
export function methodNotAllowed (data: CallErrorData, methods: readonly string[]): MethodNotAllowed {
  const offered = methods.length > 0 ? methods.join(', ') : 'none'
  return new MethodNotAllowed(`${nameOf(data)} is not a method of this service; it offers: ${offered}`, { ...data })
}

/**
 * This node offers no such service to the mesh. One answer for all that is not in a contract,
 * whether the app has it or not, so that nothing can be learned by asking.
 */
export function notHosted (data: CallErrorData): NotFound {
  return new NotFound(`${nameOf(data)} is not offered by this node`, { ...data, outcome: 'not-sent' })
}
