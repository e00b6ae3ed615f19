import type { CallOutcome } from '../../errors'
import type { TransportError } from '../../transport/transport'
import { MAX_TIMER_MS, type CallPolicy } from './call-options'

/** The attempts of one call: which replicas it went to, and what became of it there. */
export class Attempts {
  made = 0
  /** Why the last one failed, and on which node. */
  failure: string | undefined
  /** Whether the call may have run on some node, when none has it any more. */
  outcome: CallOutcome = 'not-sent'
  /** The nodes that were asked since all were tried last. */
  private tried: string[] = []
  private rounds = 0

  constructor (private readonly policy: CallPolicy) {}

  get mayRepeat (): boolean {
    return this.made <= this.policy.retries
  }

  get anyTried (): boolean {
    return this.tried.length > 0
  }

  hasTried (nodeId: string): boolean {
    return this.tried.includes(nodeId)
  }

  started (nodeId: string): void {
    this.made++
    this.tried.push(nodeId)
  }

  failed (nodeId: string | undefined, { message, outcome }: TransportError): void {
    this.failure = `node ${nodeId ?? 'unknown'}: ${message}`
    if (outcome === 'unknown') this.outcome = outcome
  }

  /** Each replica may be tried another time: what is known of it is new, or old enough. */
  forgetTried (): void {
    this.tried = []
  }

  /** Milliseconds until then when nothing becomes known; callers that lost a replica together don't return together. */
  nextPause (): number {
    const longest = Math.min(MAX_TIMER_MS, this.policy.retryDelay * 2 ** this.rounds++)
    return longest * (1 + Math.random()) / 2
  }
}
