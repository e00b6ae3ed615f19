import { TokenBucket } from '../token-bucket'
import type { NatsPeer } from './nats-peer'

/** How often peers with calls under way are looked at. */
const LOOK_MS = 20
/** How long nothing comes of such a peer before the server is asked whether it is there. */
const QUIET_MS = 50
/** Probes of a node: 200 a second, and a few at once. */
const PROBE_MS = 5
const MAX_PROBES_AT_ONCE = 10
/** From the word of the server that nobody listens to the question whether that is still so: interest has to spread. */
const CONFIRM_MS = 20
/** A second word that comes later than this is another first one. */
const SUSPICION_MS = 10_000
const SECOND_MS = 1_000
/** How often it is looked at who gives no sign of life; peers are asked for one at every other look. */
const CHECK_MS = 500
/** This node itself stood still for so long: that its peers were silent meanwhile says nothing. */
const STANDSTILL_MS = 500
const DEFAULT_SILENCE_MS = 3_000
/** Peers and the server are asked in one go: what the server says so much later than a peer's last word counts. */
const LATER_MS = 250

/** What a {@link Watch} needs of its transport. */
export interface WatchOptions {
  readonly peers: () => Iterable<NatsPeer>
  /** Whether this node leaves: it waits for the word of each peer that no more calls of it come. */
  readonly isLeaving: () => boolean
  /** Sends a peer nothing, so that the server tells if nobody listens there. */
  readonly probe: (peer: NatsPeer) => void
  /** Nobody listens there any more. */
  readonly onGone: (peer: NatsPeer) => void
  /**
   * Nothing came of a peer for too long.
   *
   * @param reason - `disconnected` where the server gave no sign of life meanwhile: the peer may well be there
   */
  readonly onSilent: (peer: NatsPeer, reason: 'silent' | 'disconnected') => void
  readonly server: { readonly answeredAt: number, ask: () => void }
  readonly helloInterval: number
  readonly sayHello: () => void
  /** Milliseconds without a hello after which a peer is gone. */
  readonly nodeTimeout: number
  /** Milliseconds in which a peer has to answer of which something is expected. */
  readonly silenceTimeout: number | undefined
}

/**
 * Notices peers that are gone. The server drops the subscriptions of a process that ends, and says so at once, if it is
 * asked: so peers that owe an answer are probed. A host that vanishes without a word is noticed by its silence.
 */
export class Watch {
  private readonly waiting = new Set<NatsPeer>()
  private readonly probes = new TokenBucket(MAX_PROBES_AT_ONCE, PROBE_MS)
  private readonly timers: NodeJS.Timeout[] = []
  private readonly confirmations = new Set<NodeJS.Timeout>()
  private lookedAt = performance.now()
  /** When this node itself stood still for the last time. */
  private stoodStillAt = 0
  private checks = 0

  constructor (private readonly options: WatchOptions) {}

  start (): void {
    const { helloInterval, sayHello } = this.options
    this.stop()
    this.lookedAt = performance.now()
    this.timers.push(
      setInterval(() => this.look(), LOOK_MS), setInterval(() => this.check(), CHECK_MS),
      setInterval(sayHello, helloInterval)
    )
  }

  stop (): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer)
    for (const timer of this.confirmations) clearTimeout(timer)
    this.confirmations.clear()
    this.waiting.clear()
  }

  /** A peer owes an answer, such as one to a request. */
  expect (peer: NatsPeer): void {
    if (peer.isWatched) return
    peer.isWatched = true
    peer.expectedAt ??= performance.now()
    this.waiting.add(peer)
  }

  /** The server says that nobody listens to a peer. */
  onUnheard (peer: NatsPeer): void {
    const now = performance.now()
    const { suspectedAt } = peer
    if (suspectedAt !== undefined && peer.heardAt < suspectedAt && now - suspectedAt < SUSPICION_MS) {
      if (now - suspectedAt >= CONFIRM_MS) this.options.onGone(peer)
      return
    }
    peer.suspectedAt = now
    this.later(CONFIRM_MS + 1, () => this.tryProbe(peer, performance.now()))
    // If it is there, it has not got what was sent before.
    this.later(CONFIRM_MS + 5 * QUIET_MS, () => peer.session.onCaughtUp())
  }

  private later (ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.confirmations.delete(timer)
      action()
    }, ms)
    this.confirmations.add(timer)
  }

  /** Probes the peers that owe an answer and are silent, the longest silent first. */
  private look (): void {
    const now = performance.now()
    if (now - this.lookedAt > STANDSTILL_MS) this.stoodStillAt = now
    this.lookedAt = now
    if (this.waiting.size === 0) return
    const quiet: NatsPeer[] = []
    for (const peer of this.waiting) {
      if (!this.owes(peer)) {
        peer.isWatched = false
        this.waiting.delete(peer)
      } else if (now - Math.max(this.heardAt(peer), peer.probedAt) >= QUIET_MS) quiet.push(peer)
    }
    quiet.sort((one, other) => one.heardAt - other.heardAt)
    for (const peer of quiet) this.tryProbe(peer, now)
  }

  /** Whether a peer has to say something. */
  private owes ({ session }: NatsPeer): boolean {
    return session.isWaiting || (this.options.isLeaving() && !session.isPeerDone)
  }

  /** Since when a peer is silent. What the server says of it does not hang on the pace of this node. */
  private heardAt (peer: NatsPeer): number {
    return Math.max(peer.heardAt, this.stoodStillAt)
  }

  private tryProbe (peer: NatsPeer, now: number): void {
    if (this.probes.waitMs > 0) return
    this.probes.take()
    peer.probedAt = now
    this.options.probe(peer)
  }

  /** Asks peers for a sign of life of which something is expected, and gives up those that give none. */
  private check (): void {
    const { nodeTimeout, silenceTimeout = DEFAULT_SILENCE_MS, onSilent } = this.options
    const now = performance.now()
    const asks = this.asksNow()
    for (const peer of [...this.options.peers()]) {
      const { session } = peer
      const isExpected = this.owes(peer) || session.isListening
      const heardAt = this.heardAt(peer)
      const silentMs = now - Math.max(heardAt, peer.expectedAt ?? now)
      if (isExpected) {
        peer.expectedAt ??= now
        // A ping went at one of the last two checks. The next check would be too late.
        const mayBe = Math.max(silenceTimeout, 2 * SECOND_MS) - CHECK_MS
        if (silentMs >= mayBe) onSilent(peer, this.whySilent(now - silentMs))
        else if (asks) session.ping()
        continue
      }
      peer.expectedAt = undefined
      if (now - heardAt > nodeTimeout) onSilent(peer, 'silent')
      // What is served for the dead is stopped, and their places in groups are free again.
      else if (session.isServing && now - heardAt > SECOND_MS) this.tryProbe(peer, now)
    }
  }

  /** Whether this look is one that asks peers. The server is asked with them. */
  private asksNow (): boolean {
    if (++this.checks % 2 !== 0) return false
    this.options.server.ask()
    return true
  }

  /** A server that hangs silences all peers, and they are back when it goes on. */
  private whySilent (since: number): 'silent' | 'disconnected' {
    return this.options.server.answeredAt > since + LATER_MS ? 'silent' : 'disconnected'
  }
}
