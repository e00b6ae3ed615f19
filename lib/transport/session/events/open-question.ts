import type { EventSource } from './subscriptions-options'

/** Whether a peer has answered what it was told of a subscription. */
export class OpenQuestion {
  /** What the peer was told by, while its answer has not come: changes are told one after another. */
  asked: EventSource | undefined
  /** Whether a peer that does not count is ending the subscription on its old connection. */
  isEnding = false
  private readonly awaiting: Array<() => void> = []

  /** Whether it has not. */
  get isOpen (): boolean {
    return this.asked !== undefined || this.isEnding
  }

  /** An answer came by a source, or never will. */
  answered (source: EventSource): void {
    if (this.asked === source) this.asked = undefined
  }

  /** Something has changed: whoever waits for the end may go on. */
  check (): void {
    if (!this.isOpen) for (const resolve of this.awaiting.splice(0)) resolve()
  }

  /** Resolves when the peer has answered, or did not get it. */
  async settled (): Promise<void> {
    if (this.isOpen) await new Promise<void>(resolve => this.awaiting.push(resolve))
  }
}
