import type { NextFunction } from '@feathersjs/feathers'
import { messageOf } from '../printable'
import { fieldsOf, listField } from '../record'
import type { Publication } from './offering/publication'

/** When a node joins the mesh. */
export interface MembershipOptions {
  /** Whether the node joins when its app is set up; otherwise it joins when the program starts it. */
  readonly startsWithApp: boolean
  /** Milliseconds from a set-up of the app until a node joins again that a teardown removed; undefined for never. */
  readonly startDelay: number | undefined
  /** The advice in errors of calls that are made before the node has joined. */
  readonly howToStart: string
}

/** The parts of a node that join and leave. */
export interface Member {
  /** When the node offers its services. */
  readonly publication: Publication
  /** Joins the mesh. */
  connect (): Promise<void>
  /** Leaves the mesh without losing a call. */
  disconnect (): Promise<void>
  /** Tells other nodes that this one leaves, and stays on the mesh. */
  goodbye (): Promise<void>
  /** Lets calls wait for their hosts from now on. */
  open (): void
  /** Fails the calls that wait, and all later ones, for a reason. */
  close (reason: string): void
}

/** Whether a node is on the mesh. It joins and leaves with its app, or when the program asks for it. */
export class Membership {
  /** Whether the last request was to join, and not to leave. */
  private wanted = false
  /** Whether a teardown of the app made the node leave. */
  private tornDown = false
  /** How many set-ups of the app have made the node join. */
  private setUps = 0
  private joining: Promise<void> | undefined
  private leaving: Promise<void> | undefined
  private delayed: NodeJS.Timeout | undefined
  private isConnected = false
  /** Whether the node has said that it leaves. */
  private saidGoodbye = false

  constructor (private readonly options: MembershipOptions, private readonly member: Member) {
    member.close(`this node has not joined the mesh: ${options.howToStart}`)
  }

  /** Whether the node is on the mesh, or is about to join. */
  get isWanted (): boolean {
    return this.wanted
  }

  /** Whether the node has begun to join, and has not left. */
  get isOn (): boolean {
    return this.joining !== undefined
  }

  /** Whether the node can send announcements: it is on the mesh and not leaving. */
  get isReachable (): boolean {
    return this.joining !== undefined && !this.isDraining
  }

  /** Whether the node is on the mesh, and its app is set up. */
  get hasJoined (): boolean {
    return this.isConnected && !this.member.publication.isHeld
  }

  /** Whether the node leaves. */
  get isDraining (): boolean {
    return this.saidGoodbye || this.leaving !== undefined
  }

  /** Says that the node leaves soon: others send it no new calls, and for itself nothing changes. */
  async goodbye (): Promise<void> {
    if (this.isDraining) return
    this.saidGoodbye = true
    if (this.isConnected) await this.member.goodbye()
  }

  /** Joins the mesh. While the node is leaving, it joins when it has left. */
  async join (): Promise<void> {
    this.want()
    // feathers-distributed leaves at once, so its users don't wait before they join again.
    if (this.leaving !== undefined) await this.leaving
    if (!this.wanted) return
    this.joining ??= this.connect()
    await this.joining
  }

  /** Joins now or later, unless the node leaves before. */
  joinAfter (delay: number): void {
    this.want()
    // Nobody waits for this start. When it fails, the rejection ends the process.
    if (delay === 0) void this.join()
    else this.delayed = setTimeout(() => { void this.join() }, delay)
  }

  /** Leaves the mesh, and cancels a later {@link joinAfter}. */
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

  /** Joins before the services of the app are set up, so that they can call others, and offers them afterwards. */
  async setUp (next: NextFunction): Promise<void> {
    const { options: { startsWithApp, startDelay = 0 }, member: { publication }, joinsWithApp: joins } = this
    const turn = joins ? ++this.setUps : this.setUps
    if (joins || startsWithApp) publication.hold()
    try {
      if (joins && startDelay > 0) this.joinAfter(startDelay)
      else if (joins || this.joining !== undefined) await this.join()
      await next()
      await publication.release()
    } catch (error) {
      // Peers have no use for a node whose app could not be set up. A later set-up may be running by now, and decides.
      if (joins && turn === this.setUps) await this.leave()
      throw error
    } finally {
      // Where the app could not be set up. Nobody waits for that.
      void publication.release()
    }
  }

  /** Leaves before the services of the app are torn down. */
  async tearDown (next: NextFunction): Promise<void> {
    const joinsAgain = this.tornDown || (this.wanted && this.options.startDelay !== undefined)
    await this.leave()
    this.tornDown = joinsAgain
    await next()
  }

  /** Whether a set-up of the app makes the node join. */
  private get joinsWithApp (): boolean {
    return !this.wanted && (this.options.startsWithApp || this.tornDown)
  }

  private want (): void {
    clearTimeout(this.delayed)
    this.wanted = true
    if (this.joining === undefined) this.saidGoodbye = false
    this.member.open()
  }

  private async connect (): Promise<void> {
    const { member, member: { publication } } = this
    this.saidGoodbye = false
    publication.begin()
    try {
      await member.connect()
    } catch (error) {
      // The next start tries again.
      this.joining = undefined
      publication.reset()
      // A node that leaves has given its reason already, and one that is to join again waits until it has left.
      if (this.leaving === undefined) {
        this.wanted = false
        member.close(`this node could not join the mesh: ${reasonOf(error)}`)
      }
      throw error
    }
    this.isConnected = true
    publication.joined()
    // It was said before others knew this node.
    if (this.saidGoodbye) await member.goodbye()
  }

  private async disconnect (joining: Promise<void>): Promise<void> {
    // When the start fails, its own caller gets the error.
    await joining.catch(() => {})
    this.member.publication.stop()
    this.isConnected = false
    try {
      await this.member.disconnect()
    } finally {
      // The node has left, even if a listener of the app threw, and may join again.
      this.member.publication.reset()
      this.joining = undefined
      this.leaving = undefined
    }
  }
}

/** Why a start failed, in one line. */
function reasonOf (error: unknown): string {
  // A ConfigurationError, which a transport by another copy of this package may throw, has a list of faults.
  return listField(fieldsOf(error), 'faults')?.join('; ') ?? messageOf(error)
}
