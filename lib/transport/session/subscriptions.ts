import type { Contract } from '../../contract/contract'

/** What {@link Subscriptions} needs of its peer. */
export interface SubscriptionsOptions {
  /** The paths whose events this node wants of any peer. */
  readonly interest: ReadonlySet<string>
  /** Tells the peer the paths; `onAnswer` is called when it has answered. */
  readonly send: (paths: readonly string[], onAnswer: () => void) => void
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

  /** Tells the peer which of its events this node wants, if that changed. */
  sync (contracts: readonly Contract[]): void {
    const wanted = contracts.map(({ path }) => path).filter(path => this.options.interest.has(path))
    if (wanted.join() === this.subscribed.join()) return
    this.subscribed = wanted
    const missed = this.isReturning ? wanted : this.missed
    this.isReturning = false
    this.missed = []
    this.options.send(wanted, () => { for (const path of missed) this.options.onGap(path) })
  }

  /** The connection is in use no more: events are missed until the next one. */
  disconnect (): void {
    this.missed = [...new Set([...this.missed, ...this.subscribed])]
    this.subscribed = []
  }
}
