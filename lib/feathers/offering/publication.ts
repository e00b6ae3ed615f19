/** When a node offers its services: once `publicationDelay` is over, and not before its app is set up. */
export class Publication {
  private isDue = false
  private held = false
  private timer: NodeJS.Timeout | undefined

  /**
   * @param delay - milliseconds from the start
   * @param onOpen - called when the services are offered, so that the node announces them
   */
  constructor (private readonly delay: number, private readonly onOpen: () => Promise<void> | void) {}

  /** Whether the services are offered. */
  get isOpen (): boolean {
    return this.isDue && !this.held
  }

  /** Whether the app is being set up. */
  get isHeld (): boolean {
    return this.held
  }

  /** The node is about to join. Without a delay its first announcement holds its services. */
  begin (): void {
    this.isDue = this.delay === 0
  }

  /** The node has joined. The delay starts here. */
  joined (): void {
    if (this.isDue) return
    this.timer = setTimeout(() => {
      this.isDue = true
      if (!this.held) void this.onOpen()
    }, this.delay)
  }

  /** The app is being set up. Services that are offered already stay offered: peers may be using them. */
  hold (): void {
    this.held = !this.isOpen
  }

  /** The app is set up. Resolves when the services are announced, where they are offered now. */
  async release (): Promise<void> {
    if (!this.held) return
    this.held = false
    if (this.isDue) await this.onOpen()
  }

  /** The node leaves. Services that are not offered yet will not be. */
  stop (): void {
    clearTimeout(this.timer)
  }

  /** The node has left, or could not join. */
  reset (): void {
    this.stop()
    this.isDue = false
    this.held = false
  }
}
