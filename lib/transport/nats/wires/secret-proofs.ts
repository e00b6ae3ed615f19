import type { KeyRing } from '../../secrets/key-ring'
import { MalformedMessage } from '../../transport'
import { NONE } from '../inbox-head'
import type { NatsPeer } from '../nats-peer'
import type { Introductions } from '../sealing/introductions'
import type { WireOptions } from './wire'

/** How often the secrets are looked at, where they may change. */
const LOOK_MS = 1_000
/**
 * A peer whose secret is accepted no more has so many looks to prove another one: it may be about to. Until then its
 * events are heard by the names of before.
 */
const LOOKS = 5

/** The id of a proof whose sender asks for one of the peer. */
const ASKS = 1

/** By which secret a peer proved that it belongs to the mesh. */
interface Proven {
  secretId: string
  /** How often it was found to be accepted no more. */
  refused: number
}

/**
 * Follows the secrets while they are replaced. Sessions go on: a node that has another secret proves that to its peers
 * within them. A peer that has none that is accepted is lost.
 */
export class SecretProofs {
  private readonly proven = new WeakMap<NatsPeer, Proven>()
  private accepted: KeyRing['accepted']
  /** Looks until nobody uses the names of before, which are of secrets that are accepted no more. */
  private looksToOldNames = 0
  private timer: NodeJS.Timeout | undefined

  /** @param onRevoked - a secret is accepted no more, or peers were lost that have none: they know what others know */
  constructor (
    private readonly options: WireOptions, private readonly keyRing: KeyRing,
    private readonly introductions: Introductions, private readonly onRevoked: () => void
  ) {
    this.accepted = keyRing.accepted
  }

  begin (): void {
    this.end()
    if (this.keyRing.mayChange) this.timer = setInterval(() => this.look(), LOOK_MS)
  }

  end (): void {
    clearInterval(this.timer)
  }

  /** A peer has introduced itself. */
  add (peer: NatsPeer, secretId: string): void {
    this.proven.set(peer, { secretId, refused: 0 })
    // The session may have begun before this node's introduction had the secret of now.
    if (this.keyRing.mayChange) this.prove(peer)
  }

  /**
   * A peer proves that it has another secret.
   *
   * @param asks - {@link ASKS} where it asks for such a proof as well
   * @throws {@link MalformedMessage} for anything else
   */
  take (peer: NatsPeer, asks: number, body: unknown): void {
    if (asks === ASKS) this.prove(peer)
    const bytes = Buffer.from(typeof body === 'string' ? body : '', 'base64')
    const opened = this.introductions.open(bytes, besideOf(peer.theirName, peer.options.ownName))
    if (opened.rejected !== undefined) throw new MalformedMessage('a proof of no secret that is accepted here')
    this.proven.set(peer, { secretId: opened.secretId, refused: 0 })
  }

  private look (): void {
    const { keyRing, options: { peers } } = this
    const { accepted } = keyRing
    const before = this.accepted
    this.accepted = accepted
    this.followNames(accepted !== before)
    const isRevoked = before.some(keys => keyRing.find(keys.id) === undefined)
    // Those who have replaced theirs before may have proven it when this node did not accept it yet.
    if (accepted !== before) for (const peer of peers.all) this.prove(peer, ASKS)
    const refused = [...peers.all].filter(peer => this.isRefused(peer))
    for (const peer of refused) peers.lose(peer)
    // Nodes that left before may still have the keys that this one told them.
    if (isRevoked || refused.length > 0) this.onRevoked()
  }

  private followNames (areOthers: boolean): void {
    const { onNames, onOldNames } = this.options
    if (areOthers) {
      this.looksToOldNames = LOOKS
      onNames()
    } else if (this.looksToOldNames > 0 && --this.looksToOldNames === 0) {
      onOldNames()
    }
  }

  private prove (peer: NatsPeer, asks = 0): void {
    const sealed = this.introductions.seal('', besideOf(peer.options.ownName, peer.theirName))
    peer.write('proof', asks, sealed.toString('base64'))
  }

  private isRefused (peer: NatsPeer): boolean {
    const proven = this.proven.get(peer)
    if (proven === undefined || this.keyRing.find(proven.secretId) !== undefined) return false
    proven.refused++
    if (proven.refused < LOOKS) return false
    this.options.host.onRejected?.('wrongSecret', 'nats', `node ${peer.id}`)
    return true
  }
}

/** Who proves it, in which session: the proof counts nowhere else. */
function besideOf (from: string = NONE, to: string = NONE): string {
  return `proof ${from} ${to}`
}
