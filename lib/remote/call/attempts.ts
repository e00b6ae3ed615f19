import { MAX_TIMER_MS } from '../../contract/method-policy'
import { attemptsFailed, methodNotAllowed, type CallOutcome, type FailedCall } from '../../errors'
import type { MethodHost } from '../../registry/mesh-node'
import type { TransportError } from '../../transport/transport'
import type { CallContext } from './call-context'
import type { CallOptions, CallPolicy } from './call-options'
import type { Invocation } from './invocation'

/** How many busy replicas may refuse a call before it waits: a busy mesh must not get busier by asking. */
const MAX_BUSY_REPLICAS = 4

const NONE: readonly string[] = []

/** The attempts of one call: the replicas that it was sent to, and why they failed. */
export class Attempts {
  made = 0
  /** Why the last attempt failed, and on which node. */
  failure: string | undefined
  /** Whether the call may have run in an attempt that failed. */
  outcome: CallOutcome = 'not-sent'
  /** The nodes that were tried in this round: nearly always one. */
  private tried = NONE
  /** How many of them were busy. */
  private busy = 0
  private rounds = 0
  /** Whether the node of the attempt under way has never answered. */
  private isTrial = false
  /** Whether the attempt under way counts among those made. */
  private isCounted = false

  /** @param policy - may be replaced until the first attempt */
  constructor (public policy: CallPolicy) {}

  /** Whether the policy allows another attempt. */
  get mayRepeat (): boolean {
    return this.made <= this.policy.retries
  }

  get anyTried (): boolean {
    return this.tried.length > 0
  }

  /** Whether a replica of this round refused the call, as it was busy. */
  get wasShed (): boolean {
    return this.busy > 0
  }

  /** Whether so many replicas of this round were busy that the call asks no further ones. */
  get hasAskedEnough (): boolean {
    return this.busy >= MAX_BUSY_REPLICAS
  }

  /**
   * The hosts that may take the next attempt; nearly always all of them. A call that may have run goes only to replicas
   * that call its method idempotent themselves: during an upgrade they may differ.
   *
   * @param node - the only node that may be asked
   */
  candidates (hosts: readonly MethodHost[], node: string | undefined): readonly MethodHost[] {
    if (node === undefined && this.tried.length === 0 && this.outcome === 'not-sent') return hosts
    return this.repeaters(hosts, node).filter(host => !this.tried.includes(host.node.id))
  }

  /** The same, with the hosts that were tried in this round. */
  repeaters (hosts: readonly MethodHost[], node: string | undefined): readonly MethodHost[] {
    const mayHaveRun = this.outcome === 'unknown'
    return hosts.filter(({ node: { id }, method }) => (node ?? id) === id && (method.idempotent || !mayHaveRun))
  }

  /** The call was sent to a node. @param isUnproven - whether that has never answered */
  started (nodeId: string, isUnproven = false): void {
    this.made++
    this.isCounted = true
    this.isTrial = isUnproven
    // An array that grows by one item reserves room for sixteen.
    this.tried = this.tried === NONE ? [nodeId] : [...this.tried, nodeId]
  }

  /**
   * The attempt failed, and not by the service.
   *
   * @param nodeTitle - how messages name the node
   */
  failed (nodeTitle: string | undefined, { message, outcome }: TransportError): void {
    this.failure = `node ${nodeTitle ?? 'unknown'}: ${message}`
    if (outcome === 'unknown') this.outcome = outcome
    // There may be no such node: anybody may have announced it.
    if (this.isTrial && (outcome === 'not-sent' || this.policy.retries > 0)) this.uncount()
  }

  /** The replica was busy: that is no failed attempt, as nothing but time is missing. */
  shed (): void {
    this.uncount()
    this.busy++
  }

  /** Once for an attempt: a node that has never answered may be busy as well. */
  private uncount (): void {
    if (this.isCounted) this.made--
    this.isCounted = false
  }

  /** Begins another round: each replica may be tried again. */
  clearTried (): void {
    this.tried = NONE
    this.busy = 0
  }

  /** Milliseconds until the next round, with jitter: callers that lost a replica together don't return together. */
  nextPause (): number {
    const longestMs = Math.min(MAX_TIMER_MS, this.policy.retryDelay * 2 ** this.rounds++)
    return longestMs * (1 + Math.random()) / 2
  }
}

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
  const { node, affinity } = options ?? {}
  const hosts = hostsOf(registry, path, method)
  if (hosts === undefined) return undefined
  if (attempts.outcome === 'unknown' && hosts.length > 0 && attempts.repeaters(hosts, node).length === 0) {
    throw notRepeated({ path, method }, attempts.failure ?? '', 'no other replica says that it may run twice')
  }
  const healthy = health.healthy(attempts.candidates(hosts, node))
  if (choice.isByUser) return choice.pick(healthy, invocation, affinity)
  // Calls of one affinity go to one replica, and others prove whether it is there.
  const proven = affinity === undefined ? health.unproven.first(healthy) : healthy
  return choice.pick(health.busy.first(proven), invocation, affinity)
}

/** The replicas of a method; undefined where nobody offers its service. @throws where the service has no such method */
function hostsOf (registry: CallContext['registry'], path: string, method: string): readonly MethodHost[] | undefined {
  const entry = registry.service(path)
  const offered = entry?.method(method)
  if (entry !== undefined && offered === undefined) throw methodNotAllowed({ path, method }, entry.methods)
  return offered?.hosts
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
