import { Drain } from '../../drain'
import type { EventSource } from './subscriptions-options'

/** Whether a peer has answered what it was told of a subscription. */
export class OpenQuestion {
  /** What the peer was told by, while its answer has not come: changes are told one after another. */
  asked: EventSource | undefined
  /** Whether a peer that does not count is ending the subscription on its old connection. */
  isEnding = false
  private readonly closing = new Drain(() => !this.isOpen)

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
    this.closing.check()
  }

  /** Resolves when the peer has answered, or did not get it. */
  async settled (): Promise<void> {
    await this.closing.wait()
  }
}
