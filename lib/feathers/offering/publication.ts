/** When a node offers its services: once `publicationDelay` is over, and not before its app is set up. */
export class Publication {
  private isDue = false
  private held = false
  private timer: NodeJS.Timeout | undefined

  /**
   * @param delay - milliseconds from the start
   * @param onOpen - it is time, and others have to be told
   */
  constructor (private readonly delay: number, private readonly onOpen: () => void) {}

  /** Whether the services are offered. */
  get isOpen (): boolean {
    return this.isDue && !this.held
  }

  /** Whether the app is being set up. */
  get isHeld (): boolean {
    return this.held
  }

  /** The node is about to join: without a delay its first word tells what it offers. */
  begin (): void {
    this.isDue = this.delay === 0
  }

  /** The node has joined: a delay counts from here. */
  joined (): void {
    if (this.isDue) return
    this.timer = setTimeout(() => {
      this.isDue = true
      if (!this.held) this.onOpen()
    }, this.delay)
  }

  /** The app is being set up. What is offered already stays so: peers may be using it. */
  hold (): void {
    this.held = !this.isOpen
  }

  /** The app is set up. */
  release (): void {
    if (!this.held) return
    this.held = false
    if (this.isDue) this.onOpen()
  }

  /** The node leaves: what is not offered yet will not be. */
  stopWaiting (): void {
    clearTimeout(this.timer)
  }

  /** The node has left, or could not join. */
  end (): void {
    this.stopWaiting()
    this.isDue = false
    this.held = false
  }
}
