import { meshTimeOf } from '../../clock'
import { timedOut, tooManyWaiting, unavailable, unsendableArguments, type FailedCall } from '../../errors'
import { nodeTitle } from '../../printable'
import { withNodeTitle, type MethodHost } from '../../registry/mesh-node'
import { RequestRefused, TransportError, type ReplyDetails } from '../../transport/transport'
import { signalsOf } from './limits/abort-listeners'
import { Attempts, chooseHost, givenUp, hasOtherHost, notRepeated } from './attempts'
import { settle, type CallContext, type CallResult } from './call-context'
import { policyOf, type CallOptions } from './call-options'
import type { Invocation } from './invocation'
import { isSentAgain } from './late-refusals'
import { SentCall } from './sent-call'
import type { ShedCall } from './shed-calls'
import { unavailableReason } from './unavailable-reason'

/**
 * One call under way, and the policy that it follows. `attempt()` decides where it goes; it settles once.
 *
 * ```text
 *   idle ──────── start ─────────▶ attempt ──┬─ no host ─────────────▶ waiting
 *   waiting ───── a host joined ─▶ attempt   ├─ a replica is left ───▶ sent (host)
 *   paused ────── pause is over ─▶ attempt   ├─ each one was tried ──▶ paused
 *      or the hosts changed,                 └─ no such method ──────▶ settled
 *      or a busy service has room
 *   sent (host) ─ connection lost, refused, attemptTimeout, or the host answers no probe:
 *                  may be repeated ▶ attempt;  must not ▶ settled;  busy ▶ attempt, or paused
 *   sent (host) ─ reply ─────────▶ settled
 *   any state ─── deadline, signal, the node leaves ──▶ settled
 * ```
 */
export class Call extends SentCall implements ShedCall {
  private readonly attempts: Attempts
  /** By the mesh clock of this node. At first that of the call that this one is made for. */
  private deadline: number
  /** Ends a pause, while it is paused. */
  private pauseTimer: NodeJS.Timeout | undefined

  constructor (
    context: CallContext,
    invocation: Invocation,
    private readonly options: CallOptions | undefined,
    private readonly result: CallResult
  ) {
    const scope = context.scopes.current()
    super(context, invocation, signalsOf(options?.signal, scope?.signal))
    this.deadline = scope === undefined ? Infinity : scope.deadline
    this.attempts = new Attempts(context.policy)
  }

  /** Begins the call; its result goes to the two ends of its promise. */
  start (): void {
    if (this.abortedSignal !== undefined) return this.onAbort()
    const host = this.next()
    // The user's routing function may have aborted it.
    if (this.signals.length > 0 && this.abortedSignal !== undefined) return this.onAbort()
    if (this.state === 'settled') return
    const now = performance.now()
    this.limit(host, now)
    if (this.timeMs === 0) return this.reject(timedOut(this.withoutHost(), this.timeMs))
    this.begin(now)
    if (host !== undefined && this.context.shed.size > 0 && this.isBehindOthers) this.standInLine()
    else this.go(host, now)
  }

  private get isBehindOthers (): boolean {
    return !this.isPinned && this.attempts.policy.retries > 0 && this.context.shed.isBehind(this.invocation)
  }

  /** Whether only one node may take it. */
  get isPinned (): boolean {
    return this.options?.node !== undefined
  }

  /**
   * Gives the call its time.
   *
   * @param host - the replica that is asked first; undefined where there is none yet
   * @param monotonic - by `performance.now()`
   */
  private limit (host: MethodHost | undefined, monotonic: number): void {
    const { context, invocation: { path, method }, options } = this
    const policy = policyOf(context.policy, context.timedMethod(path, method) ?? host?.method, options)
    this.attempts.policy = policy
    const { timeout } = policy
    const now = meshTimeOf(monotonic)
    // A call on behalf of another one has no more time than that.
    const isOwn = now + timeout < this.deadline
    // In whole milliseconds: calls of one timeout share a timer.
    this.timeMs = isOwn ? timeout : Math.max(0, Math.floor(this.deadline - now))
    if (isOwn) this.deadline = now + timeout
  }

  /** Makes the next attempt, or finds out what the call has to wait for. */
  private attempt (): void {
    const host = this.next()
    if (this.state !== 'settled') this.go(host, performance.now())
  }

  /** The replica for the next attempt; undefined where there is none, or where the call has ended. */
  private next (): MethodHost | undefined {
    try {
      return chooseHost(this.context, this.invocation, this.options, this.attempts)
    } catch (error) {
      this.reject(error)
      return undefined
    }
  }

  private go (host: MethodHost | undefined, now: number): void {
    const { hasAskedEnough, anyTried, wasShed } = this.attempts
    if (host !== undefined && !hasAskedEnough) this.send(host, now)
    else if (wasShed) this.standInLine()
    else if (anyTried) this.pause()
    else this.wait()
  }

  private send (host: MethodHost, now: number): void {
    const { choice, health } = this.context
    this.state = 'sent'
    this.takeHost(host)
    this.attempts.started(host.node.id, health.unproven.has(host.node.id))
    choice.started(host)
    if (!this.request(host, now)) return
    const { policy: { attemptTimeout }, mayRepeat } = this.attempts
    // The last attempt has all the time that is left.
    if (attemptTimeout !== undefined && host.method.idempotent && mayRepeat) {
      this.attemptTimer = setTimeout(() => {
        health.timedOut(host)
        this.leaveUnanswered(host, `no reply within ${attemptTimeout} ms`)
      }, attemptTimeout)
    }
  }

  /** Sends the request; returns whether it could be sent. */
  private request (host: MethodHost, now: number): boolean {
    this.sentAt = now
    try {
      this.sendRequest(host, this.deadline)
      return true
    } catch (error) {
      this.leaveHost()
      this.reject(unsendableArguments(this.names(), error))
      return false
    }
  }

  /** No node can take the call now; one that joins may. */
  private wait (): void {
    const { waiting } = this.context
    if (waiting.closed !== undefined) return this.giveUp(waiting.closed)
    if (!this.attempts.policy.waitForService) return this.giveUp(this.reason())
    this.stall('waiting')
    if (waiting.add(this.invocation.path, this)) return
    this.reject(tooManyWaiting(this.withoutHost(), waiting.size, this.reason()))
  }

  /** All replicas failed; after a while each may be tried again. */
  private pause (): void {
    this.stall('paused')
    const { context: { waiting }, invocation: { path } } = this
    this.pauseTimer = setTimeout(() => {
      waiting.delete(path, this)
      this.wake()
    }, this.attempts.nextPause())
    // Last: on a node that has left the mesh this ends the call.
    waiting.add(path, this)
  }

  /** All replicas that were asked are busy: the call waits until one may have room, for as long as its time allows. */
  private standInLine (): void {
    const { waiting, shed } = this.context
    if (waiting.closed !== undefined) return this.giveUp(waiting.closed)
    this.stall('paused')
    if (shed.add(this.invocation, this, this.attempts.anyTried)) return
    this.reject(tooManyWaiting(this.withoutHost(), shed.size, this.reason()))
  }

  /** The hosts of the service changed while the call waited, its pause is over, or it has its turn. */
  wake (): void {
    this.clearPause()
    this.attempts.clearTried()
    this.attempt()
  }

  /** The service answered. */
  settle (error: unknown, value?: unknown, details?: ReplyDetails): void {
    if (this.state === 'settled') return
    const { host } = this
    if (host !== undefined) this.context.health.answered(host.node.id)
    const now = this.readAnswerTime()
    this.leaveHost(now - this.sentAt)
    this.release()
    this.end(now, error, host)
    // The host has room for another one now.
    if (this.context.shed.size > 0) this.context.shed.answered(this.invocation)
    settle(this.result, error, value, details)
  }

  /** The attempt failed, and not by the service. */
  fail (error: TransportError): void {
    const { context: { health }, host, attempts } = this
    // It has ended, or gave this attempt up.
    if (host === undefined) return
    const refusal = error instanceof RequestRefused ? error.reason : undefined
    if (refusal !== undefined) health.refused(host.node.id, refusal)
    // It was sent the deadline by a wrong clock: it gets the same attempt once more.
    if (isSentAgain(error, this.timesSentAgain, this.deadline)) {
      this.timesSentAgain++
      this.context.measures.clock.begin()
      this.request(host, performance.now())
      return
    }
    attempts.failed(nodeTitle(host.node), error)
    const reason = withNodeTitle(error.message, host.node)
    this.leaveHost()
    if (error.outcome === 'unknown' && !host.method.idempotent) {
      const call = { ...this.names(), node: host.node.id }
      return this.reject(notRepeated(call, `${reason} before the reply`, 'it is not known whether it ran'))
    }
    if (refusal === 'busy' && attempts.policy.retries > 0) attempts.shed()
    if (attempts.mayRepeat) this.attempt()
    else this.reject(givenUp({ ...this.withoutHost(), node: host.node.id }, attempts.made, reason))
  }

  /** The replica answers no probe while the call waits for it: where that is safe, another one gets the call. */
  unanswered (): void {
    const { context, host, attempts } = this
    if (host === undefined) return
    context.health.silent(host)
    const mayLeave = host.method.idempotent && attempts.mayRepeat
    if (!mayLeave || !hasOtherHost(context, this.invocation, this.options, attempts)) return
    this.leaveUnanswered(host, 'it answers no probe')
  }

  /** Gives an attempt up that may be repeated, and makes the next one. */
  private leaveUnanswered (host: MethodHost, why: string): void {
    this.cancelRequest()
    this.attempts.failed(nodeTitle(host.node), new TransportError(why, 'unknown'))
    this.leaveHost()
    this.attempt()
  }

  /** Its time is over. */
  override onDeadline (): void {
    const { host, timeMs } = this
    this.cancelRequest()
    if (host === undefined) return this.giveUp(`no node took it within ${timeMs} ms; ${this.reason()}`)
    this.context.health.timedOut(host)
    this.reject(timedOut({ ...this.names(), node: host.node.id, outcome: 'unknown' }, timeMs, nodeTitle(host.node)))
  }

  /** By its own signal, or by that of the call that it is made for. */
  override onAbort (): void {
    this.cancelRequest()
    this.reject(this.abortedSignal?.reason)
  }

  /** No node will take the call. */
  giveUp (reason: string): void {
    this.reject(unavailable(this.withoutHost(), reason))
  }

  private reject (error: unknown): void {
    if (this.state === 'settled') return
    this.release()
    this.end(performance.now(), error)
    this.result.reject(error)
  }

  private release (): void {
    this.state = 'settled'
    this.unwatchLimits(this.context)
    this.context.waiting.delete(this.invocation.path, this)
    this.leaveHost()
    this.clearPause()
  }

  private clearPause (): void {
    if (this.pauseTimer !== undefined) clearTimeout(this.pauseTimer)
    this.pauseTimer = undefined
    this.context.shed.delete(this.invocation, this)
  }

  /** Why no node took the call. */
  private reason (): string {
    const { context, invocation: { path }, options, attempts: { failure } } = this
    return failure ?? unavailableReason(context, path, options?.node)
  }

  private names (): FailedCall {
    return { path: this.invocation.path, method: this.invocation.method }
  }

  /** The call, for errors while no node has it. */
  private withoutHost (): FailedCall {
    return { ...this.names(), outcome: this.attempts.outcome }
  }
}
