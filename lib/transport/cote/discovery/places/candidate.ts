import { isIPAddress } from '../../../ip-address'
import type { NodePlace } from '../way'
import type { DialPlace, HelloLink, LinkEvents } from './hello-link'

/** A connection that lasted longer than this did not break as soon as it was there. */
const STEADY_MS = 1_000
/** Time from one try that failed to the next: doubled each time, and shared out at random. */
const FIRST_PAUSE_MS = 50
const MAX_PAUSE_MS = 2_000
/**
 * Time in which a node has to say which one it is: doubled with each try. A node that starts on a busy machine may need
 * long, and further connections are only more work for it.
 */
const FIRST_ANSWER_MS = 5_000
const MAX_ANSWER_MS = 30_000
/** Tries are not that rare before this time: nodes of one mesh often start together. */
const OFTEN_MS = 60_000
/** For so long a place is tried that no way names any more. */
const FORGET_MS = 30_000
/**
 * After this time a place is asked again at which a node was that is reached at another one, or a name that led to this
 * node: names may have several addresses, and others later.
 */
const ASK_AGAIN_MS = 60_000

/** What a {@link Candidate} needs of those who look after all of them. */
export interface CandidateOptions {
  readonly dial: DialPlace
  /** Calls {@link Candidate.dial} as soon as there is room for it. */
  readonly queue: (candidate: Candidate) => void
  /** The dial has come to an end, one way or the other. */
  readonly onDialled: (candidate: Candidate) => void
  /** A node answers. Gives the hellos for it, or tells which node makes the connection needless. */
  readonly onNode: (candidate: Candidate, id: string, address: string) => readonly Buffer[] | 'itself' | 'known'
  readonly onHellos: LinkEvents['onHellos']
  /** The connection to a node has ended. */
  readonly onLost: (candidate: Candidate, node: string) => void
  /** The longest pause while tries are frequent; it is longer where many places are tried. */
  readonly shortPauseMs: () => number
  /** Nobody said there that it is a node, and why, the end of a sentence; undefined as soon as somebody did. */
  readonly onFailure: (candidate: Candidate, reason: string | undefined) => void
  /** Nobody needs it any more. */
  readonly onForgotten: (candidate: Candidate) => void
}

/** A place where a node may listen: it is dialled until one answers, and again when the connection breaks. */
export class Candidate {
  /** The node that answers there, or made the last connection needless. */
  node: string | undefined
  /** The address that it answered from. */
  address = ''
  private isNamed = true
  private link: HelloLink | undefined
  /** Whether its node is this one, or is reached without this place. */
  private isResting = false
  private isOver = false
  private failures = 0
  private timer: NodeJS.Timeout | undefined
  /** Since when no node answered; by `performance.now()`. */
  private since = performance.now()
  private connectedAt: number | undefined

  constructor (readonly place: NodePlace, private readonly options: CandidateOptions) {
    options.queue(this)
  }

  /** Whether a node answers, and is said hello to. */
  get isConnected (): boolean {
    return this.connectedAt !== undefined
  }

  /** A way names the place, or none does any more. */
  name (isNamed: boolean): void {
    this.isNamed = isNamed
    if (!isNamed && this.isResting) this.forget()
  }

  /** Dials it. */
  dial (): void {
    if (this.isOver || this.link !== undefined) return this.options.onDialled(this)
    const link: HelloLink = this.link = this.options.dial(this.place, this.answerMs, {
      onNode: (id, address) => this.onNode(id, address),
      onHellos: (hellos, address) => { if (this.isConnected) this.options.onHellos(hellos, address) },
      onClose: failure => this.onClose(link, failure)
    })
  }

  /** Sends a hello or a goodbye. A connection that nothing came by for too long is given up. */
  say (hello: string, silentMs: number): void {
    if (this.connectedAt === undefined || this.link === undefined) return
    if (performance.now() - this.link.heardAt > silentMs) this.link.destroy()
    else this.link.say(hello)
  }

  /** Its node is reached without it: by a connection of that node. */
  rest (): void {
    const { link } = this
    this.sleep(ASK_AGAIN_MS)
    link?.close()
  }

  /** Its node is reached no more by what made this place needless. */
  wake (): void {
    if (this.isOver || !this.isResting) return
    this.isResting = false
    clearTimeout(this.timer)
    this.options.queue(this)
  }

  /** Ends it, after what was sent has left. */
  async stop (): Promise<void> {
    const { link } = this
    this.isOver = true
    clearTimeout(this.timer)
    if (this.isConnected) link?.close()
    else link?.destroy()
    await link?.whenClosed
  }

  private onNode (id: string, address: string): readonly Buffer[] {
    this.node = id
    this.address = address
    const hellos = this.options.onNode(this, id, address)
    this.options.onFailure(this, undefined)
    const isForGood = hellos === 'itself' && isIPAddress(this.place.host)
    if (typeof hellos === 'string') this.sleep(isForGood ? undefined : ASK_AGAIN_MS)
    else this.connectedAt = performance.now()
    this.options.onDialled(this)
    return typeof hellos === 'string' ? [] : hellos
  }

  private sleep (againMs: number | undefined): void {
    this.link = undefined
    this.connectedAt = undefined
    this.isResting = true
    clearTimeout(this.timer)
    if (!this.isNamed) this.forget()
    else if (againMs !== undefined) this.timer = setTimeout(() => this.wake(), againMs * (1 + Math.random()))
  }

  private onClose (link: HelloLink, failure?: string): void {
    if (this.link !== link) return
    const { connectedAt, node, options } = this
    const now = performance.now()
    this.link = undefined
    this.connectedAt = undefined
    if (connectedAt === undefined) options.onDialled(this)
    else this.since = now
    if (this.isOver) return
    if (failure !== undefined) options.onFailure(this, failure)
    this.failures = connectedAt !== undefined && now - connectedAt > STEADY_MS ? 0 : this.failures + 1
    if (connectedAt !== undefined && node !== undefined) options.onLost(this, node)
    if (!this.isNamed && now - this.since > FORGET_MS) return this.forget()
    this.timer = setTimeout(() => options.queue(this), this.pauseMs)
  }

  private get answerMs (): number {
    return Math.min(MAX_ANSWER_MS, FIRST_ANSWER_MS * 2 ** this.failures)
  }

  private get pauseMs (): number {
    if (this.failures === 0) return 0
    const isNew = performance.now() - this.since < OFTEN_MS
    const longest = isNew ? Math.min(MAX_PAUSE_MS, this.options.shortPauseMs()) : MAX_PAUSE_MS
    const pauseMs = Math.min(longest, FIRST_PAUSE_MS * 2 ** (this.failures - 1))
    return pauseMs * (0.5 + Math.random() / 2)
  }

  private forget (): void {
    this.isOver = true
    clearTimeout(this.timer)
    this.options.onForgotten(this)
  }
}
