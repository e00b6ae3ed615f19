import type { MethodContract } from '../../contract/contract'
import { timedOut } from '../../errors'
import { signalsOf, type AbortListener } from './abort-listeners'
import type { CallContext, CallResult } from './call-context'
import { MAX_TIMER_MS } from './call-options'
import type { CallScope } from './call-scope'
import type { Queue, TimedCall } from './deadlines'
import { paramsPosition } from './invocation'
import { withLazySignal } from './lazy-signal'
import type { CallOptions } from '../remote-service'
import { WorkScope } from './work-scope'

/** Calls a service that this node hosts, with its hooks. */
export type RunLocally = (path: string, method: string, args: readonly unknown[]) => Promise<unknown>

/** What all calls in the process share. */
export interface LocalCallContext extends Pick<CallContext, 'scopes' | 'deadlines' | 'aborts'> {
  /** The id of this node. */
  readonly nodeId: string
  readonly run: RunLocally
}

/** What is called. */
export interface LocalInvocation {
  readonly path: string
  readonly method: MethodContract
  readonly args: readonly unknown[]
}

/**
 * Calls a service of this node. It has a deadline where somebody set one: the call, its method, or the call on whose
 * behalf it is made. The time that a node gives to its calls over the mesh is there because replies may get lost, and
 * here none can.
 */
export async function callLocally (
  context: LocalCallContext, invocation: LocalInvocation, options: CallOptions
): Promise<unknown> {
  const { path, method, args } = invocation
  const outer = context.scopes.current()
  const timeout = options.timeout ?? method.timeout
  if (timeout === undefined && options.signal === undefined && outer === undefined) {
    return await context.run(path, method.name, args)
  }
  return await new Promise((resolve, reject) => {
    new LocalCall(context, invocation, { timeout, signal: options.signal, outer }, { resolve, reject }).start()
  })
}

interface Limits {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  readonly outer: CallScope | undefined
}

/** A call in the process that somebody may not wait for to the end. */
class LocalCall implements TimedCall, AbortListener {
  due = 0
  earlier: TimedCall | undefined
  later: TimedCall | undefined
  private readonly signals: readonly AbortSignal[]
  /** Milliseconds that the call has. */
  private readonly time: number
  private readonly scope: WorkScope
  private queue: Queue | undefined

  constructor (
    private readonly context: LocalCallContext,
    private readonly invocation: LocalInvocation,
    { timeout, signal, outer }: Limits,
    private readonly result: CallResult
  ) {
    this.signals = signalsOf(signal, outer?.signal)
    const now = Date.now()
    this.time = Math.max(0, Math.min(timeout ?? Infinity, (outer?.deadline ?? Infinity) - now))
    this.scope = new WorkScope(now + this.time)
  }

  start (): void {
    const aborted = this.signals.find(signal => signal.aborted)
    if (aborted !== undefined) return this.result.reject(aborted.reason)
    const { path, method: { name: method } } = this.invocation
    if (this.time === 0) return this.result.reject(timedOut({ path, method, outcome: 'not-sent' }, 0))
    if (this.time <= MAX_TIMER_MS) this.queue = this.context.deadlines.add(this, this.time)
    for (const signal of this.signals) this.context.aborts.add(signal, this)
    this.context.scopes.run(this.scope, () => this.context.run(path, method, this.args())).then(
      value => this.end(() => this.result.resolve(value)),
      (error: unknown) => this.end(() => this.result.reject(error))
    )
  }

  onDeadline (): void {
    const { context: { nodeId: node }, invocation: { path, method: { name: method } } } = this
    this.giveUp(timedOut({ path, method, node, outcome: 'unknown' }, this.time), 'the time of the call is over')
  }

  onAbort (): void {
    this.giveUp(this.signals.find(({ aborted }) => aborted)?.reason, 'its caller gave the call up')
  }

  /** The arguments, with what the service may know of its caller's patience. */
  private args (): unknown[] {
    const { scope, invocation: { method: { name }, args } } = this
    const position = paramsPosition(name)
    const params: Record<string, unknown> = { ...args[position] as object | undefined, deadline: scope.deadline }
    if (scope.deadline === Infinity) delete params.deadline
    const all = [...args]
    all[position] = withLazySignal(params, scope)
    return all
  }

  private end (settle: () => void): void {
    this.scope.end()
    this.context.scopes.end(this.scope)
    this.letGo()
    settle()
  }

  /** What the service still does is on its own account. */
  private giveUp (error: unknown, reason: string): void {
    this.letGo()
    this.result.reject(error)
    this.scope.abort(reason)
  }

  private letGo (): void {
    this.queue?.delete(this)
    for (const signal of this.signals) this.context.aborts.delete(signal, this)
  }
}
