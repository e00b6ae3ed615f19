import type { NextFunction } from '@feathersjs/feathers'
import type { Publication } from './offering/publication'

export interface MembershipOptions {
  /** Whether the node joins when its app is set up; else it does when it is told to. */
  readonly startsWithApp: boolean
  /** Milliseconds after which a node joins again that a teardown of its app took off; undefined for never. */
  readonly startDelay: number | undefined
  /** What a caller on a node that has not joined is told to do. */
  readonly howToStart: string
}

/** What joining and leaving come to. */
export interface Member {
  readonly publication: Publication
  /** Joins the mesh. */
  connect (): Promise<void>
  /** Leaves it without losing a call. */
  disconnect (): Promise<void>
  /** Calls wait for their hosts from now on. */
  open (): void
  /** Calls that wait, and those that come, fail with a reason. */
  close (reason: string): void
}

/** Whether a node is on the mesh: it comes and goes with its app, or when it is told to. */
export class Membership {
  /** Whether somebody wants the node on the mesh, and nobody has wanted it off since. */
  private wanted = false
  /** Whether a teardown of the app took the node off the mesh. */
  private tornDown = false
  /** So many set-ups of the app have made the node join. */
  private setUps = 0
  private joining: Promise<void> | undefined
  private leaving: Promise<void> | undefined
  private delayed: NodeJS.Timeout | undefined

  constructor (private readonly options: MembershipOptions, private readonly member: Member) {
    member.close(`this node has not joined the mesh: ${options.howToStart}`)
  }

  /** Whether the node is on the mesh, or on its way there. */
  get isWanted (): boolean {
    return this.wanted
  }

  /** Whether there is something to leave. */
  get isOn (): boolean {
    return this.joining !== undefined
  }

  /** Whether peers can be told something. */
  get isReachable (): boolean {
    return this.joining !== undefined && this.leaving === undefined
  }

  async join (): Promise<void> {
    this.want()
    // feathers-distributed leaves at once, so its users need not wait before they join again.
    if (this.leaving !== undefined) await this.leaving
    if (!this.wanted) return
    this.joining ??= this.connect()
    await this.joining
  }

  /** Joins now or later, unless the node leaves before. */
  joinAfter (delay: number): void {
    this.want()
    // A start that fails ends the process, as nobody can be told of it here.
    if (delay === 0) void this.join()
    else this.delayed = setTimeout(() => { void this.join() }, delay)
  }

  async leave (): Promise<void> {
    clearTimeout(this.delayed)
    if (this.wanted) {
      this.wanted = false
      this.tornDown = false
      this.member.close('this node has left the mesh')
    }
    if (this.joining === undefined) return
    this.leaving ??= this.disconnect(this.joining)
    await this.leaving
  }

  /** Joins as a caller before the services of the app are set up, and offers them when they are. */
  async setUp (next: NextFunction): Promise<void> {
    const { options: { startsWithApp, startDelay = 0 }, member: { publication }, joinsWithApp: joins } = this
    const turn = joins ? ++this.setUps : this.setUps
    if (joins || startsWithApp) publication.hold()
    try {
      if (joins && startDelay > 0) this.joinAfter(startDelay)
      else if (joins || this.joining !== undefined) await this.join()
      await next()
    } catch (error) {
      // Peers have no use for a node whose app could not be set up, unless that is being done once more by now.
      if (joins && turn === this.setUps) await this.leave()
      throw error
    } finally {
      publication.release()
    }
  }

  /** Leaves before the services of the app are torn down. */
  async tearDown (next: NextFunction): Promise<void> {
    const returns = this.tornDown || (this.wanted && this.options.startDelay !== undefined)
    await this.leave()
    this.tornDown = returns
    await next()
  }

  /** Whether a set-up of the app makes the node join. */
  private get joinsWithApp (): boolean {
    return !this.wanted && (this.options.startsWithApp || this.tornDown)
  }

  private want (): void {
    clearTimeout(this.delayed)
    this.wanted = true
    this.member.open()
  }

  private async connect (): Promise<void> {
    const { member, member: { publication } } = this
    publication.begin()
    try {
      await member.connect()
    } catch (error) {
      // The next start is a new try: what was in the way may be gone by then.
      this.joining = undefined
      publication.end()
      // Who left meanwhile has said so; who wants the node back since waits for that to end.
      if (this.leaving === undefined) {
        this.wanted = false
        member.close(`this node could not join the mesh: ${reasonOf(error)}`)
      }
      throw error
    }
    publication.joined()
  }

  private async disconnect (joining: Promise<void>): Promise<void> {
    // A start that failed has an error for its own caller.
    await joining.catch(() => {})
    this.member.publication.stopWaiting()
    try {
      await this.member.disconnect()
    } finally {
      // Whatever a listener of the app threw: the node has left, and may join again.
      this.member.publication.end()
      this.joining = undefined
      this.leaving = undefined
    }
  }
}

/** In one line, without what a stack of an error has besides. */
function reasonOf (error: unknown): string {
  const { faults, message } = error as { readonly faults?: readonly string[], readonly message?: string }
  return faults?.join('; ') ?? message ?? String(error)
}
