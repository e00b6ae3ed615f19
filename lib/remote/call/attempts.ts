import { MAX_TIMER_MS } from '../../contract/method-policy'
import type { CallOutcome } from '../../errors'
import type { TransportError } from '../../transport/transport'
import type { CallPolicy } from './call-options'

/** The attempts of one call: the replicas that it was sent to, and why they failed. */
export class Attempts {
  made = 0
  /** Why the last attempt failed, and on which node. */
  failure: string | undefined
  /** Whether the call may have run in an attempt that failed. */
  outcome: CallOutcome = 'not-sent'
  /** The nodes that were tried in this round. */
  private tried: string[] = []
  private rounds = 0

  constructor (private readonly policy: CallPolicy) {}

  /** Whether the policy allows another attempt. */
  get mayRepeat (): boolean {
    return this.made <= this.policy.retries
  }

  get anyTried (): boolean {
    return this.tried.length > 0
  }

  /** Whether a node was tried in this round. */
  hasTried (nodeId: string): boolean {
    return this.tried.includes(nodeId)
  }

  /** The call was sent to a node. */
  started (nodeId: string): void {
    this.made++
    this.tried.push(nodeId)
  }

  /**
   * The attempt failed, and not by the service.
   *
   * @param nodeTitle - how messages name the node
   */
  failed (nodeTitle: string | undefined, { message, outcome }: TransportError): void {
    this.failure = `node ${nodeTitle ?? 'unknown'}: ${message}`
    if (outcome === 'unknown') this.outcome = outcome
  }

  /** Begins another round: each replica may be tried again. */
  clearTried (): void {
    this.tried = []
  }

  /** Milliseconds until the next round, with jitter: callers that lost a replica together don't return together. */
  nextPause (): number {
    const longestMs = Math.min(MAX_TIMER_MS, this.policy.retryDelay * 2 ** this.rounds++)
    return longestMs * (1 + Math.random()) / 2
  }
}
