import { meshNow } from '../../clock'
import type { MethodContract } from '../../contract/contract'
import { timedOut } from '../../errors'
import { fieldsOf } from '../../record'
import { signalsOf } from './limits/abort-listeners'
import type { CallResult } from './call-context'
import type { CallOptions } from './call-options'
import type { CallScope, CallScopes } from './call-scope'
import { paramsPosition } from './invocation'
import { withLazyLimits } from './limits/lazy-limits'
import { LimitedCall, type LimitWatchers } from './limits/limited-call'
import { WorkScope } from './work-scope'

/** Calls a service that this node hosts, with its hooks. */
export type RunLocally = (path: string, method: string, args: readonly unknown[]) => Promise<unknown>

/** What all calls in the process share. */
export interface LocalCallContext extends LimitWatchers {
  readonly scopes: CallScopes
  /** The id of this node. */
  readonly nodeId: string
  readonly run: RunLocally
}

/** The method that is called, and its arguments. */
export interface LocalInvocation {
  readonly path: string
  readonly method: MethodContract
  readonly args: readonly unknown[]
}

/**
 * Calls a service of this node. The call has a deadline where its options, its method, or the call on whose behalf it
 * is made set one. The node's own `timeout` is for calls over the mesh, whose replies may get lost; here none can.
 */
export async function callLocally (
  context: LocalCallContext, invocation: LocalInvocation, options?: CallOptions
): Promise<unknown> {
  const { path, method, args } = invocation
  const outer = context.scopes.current()
  const timeout = options?.timeout ?? method.timeout
  if (timeout === undefined && options?.signal === undefined && outer === undefined) {
    return await context.run(path, method.name, args)
  }
  return await new Promise((resolve, reject) => {
    new LocalCall(context, invocation, { timeout, signal: options?.signal, outer }, { resolve, reject }).start()
  })
}

interface Limits {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  readonly outer: CallScope | undefined
}

/** A call in the process that may end before its service does. */
class LocalCall extends LimitedCall {
  private readonly scope: WorkScope

  constructor (
    private readonly context: LocalCallContext,
    private readonly invocation: LocalInvocation,
    { timeout, signal, outer }: Limits,
    private readonly result: CallResult
  ) {
    const now = meshNow()
    const deadline = Math.min(now + (timeout ?? Infinity), outer?.deadline ?? Infinity)
    super(signalsOf(signal, outer?.signal), timeout !== undefined && deadline === now + timeout
      ? timeout
      : Math.max(0, Math.floor(deadline - now)))
    this.scope = new WorkScope(deadline)
  }

  start (): void {
    const { abortedSignal: aborted } = this
    if (aborted !== undefined) return this.result.reject(aborted.reason)
    const { path, method: { name: method } } = this.invocation
    if (this.timeMs === 0) return this.result.reject(timedOut({ path, method, outcome: 'not-sent' }, 0))
    this.watchLimits(this.context)
    this.context.scopes.run(this.scope, () => this.context.run(path, method, this.args())).then(
      value => this.end(() => this.result.resolve(value)),
      (error: unknown) => this.end(() => this.result.reject(error))
    )
  }

  override onDeadline (): void {
    const { context: { nodeId: node }, invocation: { path, method: { name: method } } } = this
    this.giveUp(timedOut({ path, method, node, outcome: 'unknown' }, this.timeMs), 'the time of the call is over')
  }

  override onAbort (): void {
    this.giveUp(this.abortedSignal?.reason, 'its caller gave the call up')
  }

  /** The arguments, with the deadline and the signal of the call in their params. */
  private args (): unknown[] {
    const { scope, invocation: { method: { name }, args } } = this
    const position = paramsPosition(name)
    const all = [...args]
    all[position] = withLazyLimits({ ...fieldsOf(args[position]) }, scope)
    return all
  }

  private end (settle: () => void): void {
    this.scope.end()
    this.unwatchLimits(this.context)
    settle()
  }

  /** The caller does not wait any longer; the service may go on. */
  private giveUp (error: unknown, reason: string): void {
    this.unwatchLimits(this.context)
    this.result.reject(error)
    this.scope.abort(reason)
  }
}
