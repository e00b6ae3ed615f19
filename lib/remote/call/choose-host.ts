import { attemptsFailed, methodNotAllowed, type FailedCall } from '../../errors'
import type { MethodHost } from '../../registry/mesh-node'
import type { Attempts } from './attempts'
import type { CallContext } from './call-context'
import type { CallOptions } from './call-options'
import type { Invocation } from './invocation'

/**
 * The replica for the next attempt of a call; undefined where there is none now.
 *
 * @throws the error of the call where no attempt can follow, and what the user's own routing function throws
 */
export function chooseHost (
  { registry, choice, health }: CallContext, invocation: Invocation, options: CallOptions | undefined,
  attempts: Attempts
): MethodHost | undefined {
  const { path, method } = invocation
  const entry = registry.service(path)
  if (entry === undefined) return undefined
  const offered = entry.method(method)
  if (offered === undefined) throw methodNotAllowed({ path, method }, entry.methods)
  const { hosts } = offered
  if (attempts.outcome === 'unknown' && hosts.length > 0 && attempts.repeaters(hosts, options?.node).length === 0) {
    throw notRepeated({ path, method }, attempts.failure ?? '', 'no other replica says that it may run twice')
  }
  return choice.pick(health.healthy(attempts.candidates(hosts, options?.node)), invocation, options?.affinity)
}

/** Whether another replica may take a call from the one that has it, and is not set aside. */
export function hasOtherHost (
  { registry, health }: CallContext, { path, method }: Invocation, options: CallOptions | undefined, attempts: Attempts
): boolean {
  const hosts = registry.service(path)?.method(method)?.hosts ?? []
  return attempts.repeaters(hosts, options?.node).some(({ node, method: { idempotent } }) => {
    return idempotent && health.isHealthy(node.id)
  })
}

/** The error of a call that may have run, and must not run twice. */
export function notRepeated (call: FailedCall, reason: string, why: string): Error {
  return attemptsFailed({ ...call, outcome: 'unknown' }, `${reason}; ${why}, so it was not sent again`)
}

/** The error of a call that was sent as often as its policy allows. */
export function givenUp (call: FailedCall, attempts: number, reason: string): Error {
  return attemptsFailed(call, `given up after ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}; ${reason}`)
}
