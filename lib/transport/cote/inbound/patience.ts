/** So long after a goodbye, or the end, a member has to close its connection, if nothing is under way on it. */
const MEMBER_MS = 3_000
/** The same for whoever this node doesn't know: anybody may open a connection, and say that it is a node. */
const STRANGER_MS = 1_000

/** How long a node that leaves waits for one peer. */
export class Patience {
  private since: number | undefined
  private isMember = false
  /** What the peer had not taken when this node looked last. */
  private untaken = 0

  /**
   * The peer was told something that it has to act on.
   *
   * @param isMember - whether this node knows the peer
   */
  begin (isMember: boolean): void {
    this.since = performance.now()
    this.isMember = isMember
  }

  /**
   * The peer was told the last that it has to act on.
   *
   * @param isMoving - whether a stranger gets more time, even if it has had it
   * @param untaken - what it has not taken yet
   */
  goOn (isMoving: boolean, untaken: number): void {
    if (isMoving || !this.isOver) this.since = performance.now()
    this.untaken = untaken
  }

  /** The peer was told more: a member gets its time from here. A stranger could go on asking for ever. */
  renew (): void {
    if (this.since !== undefined && this.isMember) this.since = performance.now()
  }

  /**
   * Whether to wait until the peer has read all. A member may take as long as this node has; a stranger has to take
   * something all the time.
   */
  isLeftFor (untaken: number): boolean {
    if (untaken > 0 && this.isMember) return true
    if (untaken !== this.untaken && this.since !== undefined) this.since = performance.now()
    this.untaken = untaken
    return this.isLeft
  }

  /** Whether the peer has not had its time yet. */
  get isLeft (): boolean {
    return this.since === undefined || performance.now() - this.since < (this.isMember ? MEMBER_MS : STRANGER_MS)
  }

  /** Whether the peer is a stranger that has had its time: this node takes no more requests of it. */
  get isOver (): boolean {
    return this.since !== undefined && !this.isMember && !this.isLeft
  }
}
