import type { Transport } from '../transport/transport'

/** Announces what a node offers: after changes, and regularly where its options ask for that. */
export class Announcements {
  private isPlanned = false
  private heartbeat: NodeJS.Timeout | undefined

  /** @param isOffered - whether other nodes are to learn of it now */
  constructor (private readonly transport: Pick<Transport, 'announce'>, private readonly isOffered: () => boolean) {}

  /** Announces a change. Programs register several services at once, and peers get one announcement. */
  plan (): void {
    if (this.isPlanned) return
    this.isPlanned = true
    queueMicrotask(() => {
      this.isPlanned = false
      if (this.isOffered()) void this.transport.announce()
    })
  }

  /** Repeats the announcement. @param intervalMs - 0 for never */
  repeat (intervalMs: number): void {
    if (intervalMs > 0) this.heartbeat = setInterval(() => { void this.transport.announce() }, intervalMs)
  }

  /** Repeats it no more. */
  stop (): void {
    clearInterval(this.heartbeat)
  }
}
