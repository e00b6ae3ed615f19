import type { Contract } from '../../contract/contract'

/** What {@link Subscriptions} needs of its peer. */
export interface SubscriptionsOptions {
  /** The paths whose events this node wants of any peer. */
  readonly interest: ReadonlySet<string>
  /** Sends the paths to the peer; calls one of the two later. */
  readonly send: (paths: readonly string[], onAnswer: () => void, onFailure: () => void) => void
  /** Events of the path were missed while there was no connection. */
  readonly onGap: (path: string) => void
  /** Whether the peer was lost before: events may have been missed since. */
  readonly isReturning: boolean
}

/** What this node wants to hear of one peer, and what it missed while there was no connection. */
export class Subscriptions {
  /** The paths that the peer knows, on the connection that is in use. */
  private subscribed: readonly string[] = []
  private missed: readonly string[] = []
  private isReturning: boolean
  private hasFailed = false

  constructor (private readonly options: SubscriptionsOptions) {
    this.isReturning = options.isReturning
  }

  /** Whether the peer has events to send. */
  get isActive (): boolean {
    return this.subscribed.length > 0
  }

  /** Whether events were missed that no listener knows of. */
  get hasMissed (): boolean {
    return this.missed.length > 0
  }

  /** Sends the peer the paths of its events that this node wants, if they changed. */
  sync (contracts: readonly Contract[]): void {
    const wanted = contracts.map(({ path }) => path).filter(path => this.options.interest.has(path))
    if (!this.hasFailed && wanted.join() === this.subscribed.join()) return
    const missed = this.isReturning ? wanted : this.missed
    this.subscribed = wanted
    this.isReturning = this.hasFailed = false
    this.missed = []
    this.options.send(wanted, () => { for (const path of missed) this.options.onGap(path) }, () => {
      this.missed = [...new Set([...this.missed, ...missed])]
      if (this.subscribed !== wanted) return
      this.disconnect()
      this.hasFailed = true
    })
  }

  /** Sends the paths once more if the peer did not get them. */
  retry (contracts: readonly Contract[]): void {
    if (this.hasFailed) this.sync(contracts)
  }

  /** The connection is in use no more: events are missed until the next one. */
  disconnect (): void {
    this.missed = [...new Set([...this.missed, ...this.subscribed])]
    this.subscribed = []
  }
}
