import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { meshNow } from '../clock'
import type { NodeLog } from '../log'
import { messageOf } from '../printable'

const SIGNALS = { SIGTERM: 15, SIGINT: 2 } as const
type Signal = keyof typeof SIGNALS

/** Terminals and npm send one signal each for one key, which is one request to stop. */
const SAME_REQUEST_MS = 250
/** Time for the teardown beyond that which the mesh takes: clients may keep connections open for ever. */
const CLOSE_MS = 5_000
/** What orchestrators give a program is 30 s; the rest is for what the program does itself. */
const GRACE_MS = 25_000
/** The exit code of a program that a signal ended. */
const BY_SIGNAL = 128

/** What is stopped, and how. */
export interface SignalStopOptions {
  /** Milliseconds from SIGTERM until the app is torn down. */
  readonly shutdownDelay: number
  /** Milliseconds for calls under way. */
  readonly drainTimeout: number
  readonly log: NodeLog
  /** Lets other nodes know. */
  readonly goodbye: () => Promise<void>
  readonly teardown: () => Promise<unknown>
}

/**
 * Ends the process in order when it gets SIGTERM or SIGINT: says goodbye, goes on for a while, tears the app down, and
 * exits. A second signal ends it at once.
 */
export class SignalStop {
  private begunAt: number | undefined

  constructor (private readonly options: SignalStopOptions) {
    const { shutdownDelay, drainTimeout, log } = options
    const sumMs = shutdownDelay + drainTimeout
    if (sumMs > GRACE_MS) {
      log.tell('FEATHERS_MESH_GRACE_PERIOD', `feathers-mesh: to stop, this node takes up to ${sumMs} ms (shutdownDelay and ` +
        'drainTimeout), and orchestrators such as Kubernetes kill it after 30 s; shorten them, or give it more there')
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal))
  }

  private onSignal (signal: Signal): void {
    const now = meshNow()
    if (this.begunAt === undefined) {
      this.begunAt = now
      void this.stop(signal)
    } else if (now - this.begunAt >= SAME_REQUEST_MS) process.exit(BY_SIGNAL + SIGNALS[signal])
  }

  private async stop (signal: Signal): Promise<void> {
    const { shutdownDelay, drainTimeout, log, goodbye, teardown } = this.options
    log.tell('FEATHERS_MESH_STOPPING', `feathers-mesh: ${signal}, so this node stops`)
    try {
      await goodbye()
      if (signal === 'SIGTERM') await delay(shutdownDelay)
      const limit = delay(drainTimeout + CLOSE_MS, 'late')
      const isLate = await Promise.race([teardown(), limit]) === 'late'
      if (isLate) this.tellFailure('something keeps the app open, such as a client')
      await exit(0)
    } catch (error) {
      this.tellFailure(messageOf(error))
      await exit(1)
    }
  }

  private tellFailure (reason: string): void {
    const text = `feathers-mesh: this node exits before its teardown has ended: ${reason}`
    this.options.log.tell('FEATHERS_MESH_STOP_FAILED', text)
  }
}

/** Exits, once the process has written the warnings of this turn. */
async function exit (code: number): Promise<void> {
  await nextTurn()
  process.exit(code)
}
