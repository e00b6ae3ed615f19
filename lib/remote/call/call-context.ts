import type { Registry } from '../../registry/registry'
import type { ReplyDetails, Transport } from '../../transport/transport'
import type { CallPolicy } from './call-options'
import type { CallScopes } from './call-scope'
import type { LimitWatchers } from './limited-call'
import type { ReplicaChoice } from '../balancing/replica-choice'
import type { ReplicaHealth } from '../balancing/replica-health'
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
}

/** The two ends of a promise. */
export interface CallResult {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Called before them with what came beside the result. */
  readonly onDetails?: ((details: ReplyDetails) => void) | undefined
}
