import { RecentMap } from '../../../collections/recent-map'
import { contain } from '../../boundary'
import { ContractsReading } from '../../session/contracts-reading'
import { CONTRACTS } from '../../session/control'
import type { TransportHost } from '../../transport'
import { placeOf } from '../addresses'
import type { Hint } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import type { PeersOptions } from './cote-peer'
import { OutboundConnection } from './outbound-connection'
import { Places } from './places'

/** Hints that are followed at a time. */
const MAX_ASKED = 16
/** Hints that wait for that, the latest of each node. */
const MAX_WAITING = 1_000
/** Hints that are followed in a second. */
const MAX_RATE = 100
const SECOND_MS = 1_000
/** From one hint of a node that is followed to the next of the same node. */
const PAUSE_OF_NODE_MS = 500
/** Time in which a node has to prove itself. */
const TIMEOUT_MS = 5_000

/**
 * Follows hints: hellos whose stamps are of another time. Either the clock of a node is wrong, or somebody sends an old
 * packet again; the node itself tells, once it has proven itself on a connection. Whoever sends hints makes this node
 * dial no more than the bounds allow.
 */
export class Hints {
  private readonly waiting = new Map<string, Hint>()
  private readonly asked = new Map<string, OutboundConnection>()
  private readonly followedAt = new RecentMap<string, number>(MAX_WAITING)
  private readonly places = new Places()
  private readonly timer: NodeJS.Timeout
  private left = MAX_RATE
  private stopped = false

  constructor (
    private readonly host: Pick<TransportHost, 'id' | 'key'>, private readonly options: PeersOptions
  ) {
    this.timer = setInterval(() => {
      this.left = MAX_RATE
      this.followNext()
    }, SECOND_MS)
  }

  /** Follows a hint as soon as the bounds allow. One that comes too early or is one too many is refused. */
  add (hint: Hint): void {
    const { iid } = hint.component
    const isTooMany = this.waiting.size >= MAX_WAITING && !this.waiting.has(iid)
    if (this.stopped || isTooMany || this.asked.has(iid) || !this.mayFollow(hint)) return hint.refuse()
    this.waiting.set(iid, hint)
    this.followNext()
  }

  /** Follows none any more. */
  stop (): void {
    this.stopped = true
    clearInterval(this.timer)
    this.waiting.clear()
    for (const connection of this.asked.values()) connection.destroy()
  }

  private mayFollow ({ component: { iid, address, advertisement: { port = 0 } } }: Hint): boolean {
    const followedAt = this.followedAt.get(iid)
    return (followedAt === undefined || performance.now() - followedAt >= PAUSE_OF_NODE_MS) &&
      this.places.mayTry(placeOf(address, port), iid)
  }

  private followNext (): void {
    for (const [iid, hint] of this.waiting) {
      if (this.stopped || this.left <= 0 || this.asked.size >= MAX_ASKED) return
      this.left--
      this.waiting.delete(iid)
      this.followedAt.set(iid, performance.now())
      contain(this.options.onRejected, hint.component.address, () => this.follow(hint))
    }
  }

  private follow (hint: Hint): void {
    const { component: { iid, address, advertisement } } = hint
    const { port = 0 } = advertisement
    const place = placeOf(address, port)
    const key = nodeKeyOf(advertisement)
    let now: number | undefined
    const connection = new OutboundConnection({
      ...this.options,
      address,
      port,
      key,
      introduction: { node: this.host.id, key: this.host.key },
      isMeshNode: true,
      onEvent: () => {},
      onGoodbye: () => {},
      onClose: () => {
        clearTimeout(timer)
        this.asked.delete(iid)
        if (now === undefined) this.places.failed(place)
        else this.places.found(place, iid)
        contain(this.options.onRejected, address, () => now === undefined ? hint.refuse() : hint.confirm(now))
        this.followNext()
      }
    })
    const timer = setTimeout(() => connection.destroy(), TIMEOUT_MS)
    this.asked.set(iid, connection)
    try {
      connection.request({ method: CONTRACTS, key, path: '' }, {
        settle: (_error, value) => {
          const header = ContractsReading.of(value)?.header
          if (header?.id === iid) now = header.now
          connection.destroy()
        },
        fail: () => {}
      })
    } catch (error) {
      connection.destroy()
      throw error
    }
  }
}
