import type { MethodContract } from '../../contract/contract'
import { keepDispatch } from '../../dispatch'
import { markForeign } from '../../outside-form'
import type { Measures } from '../../inspection/measures'
import type { Registry } from '../../registry/registry'
import type { ReplyDetails, Transport } from '../../transport/transport'
import type { CallPolicy } from './call-options'
import type { CallScopes } from './call-scope'
import type { LimitWatchers } from './limits/limited-call'
import type { ReplicaChoice } from '../balancing/replica-choice'
import type { ReplicaHealth } from '../balancing/replica-health'
import type { ShedCalls } from './shed-calls'
import type { WaitingCalls } from './waiting-calls'

/** What all calls of a node share. */
export interface CallContext extends LimitWatchers {
  readonly registry: Registry
  readonly transport: Transport
  readonly choice: ReplicaChoice
  readonly health: ReplicaHealth
  readonly waiting: WaitingCalls
  readonly policy: CallPolicy
  readonly scopes: CallScopes
  readonly shed: ShedCalls
  /** What is measured of calls to other nodes. */
  readonly measures: Measures
  /** A method as the class has it that this node holds for the path, where that gives it a timeout. */
  readonly timedMethod: (path: string, method: string) => MethodContract | undefined
}

/** The two ends of a promise. */
export interface CallResult {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Called before them with what came beside the result. */
  readonly onDetails?: ((details: ReplyDetails) => void) | undefined
}

/** Gives a call its result: an error, or a value; and details where the host sent some. */
export function settle (result: CallResult, error: unknown, value: unknown, details: ReplyDetails | undefined): void {
  if (details !== undefined) {
    keepDispatch(value, details.dispatch)
    result.onDetails?.(details)
  }
  if (error === null || error === undefined) result.resolve(value)
  else result.reject(markForeign(error))
}
