import { RecentMap } from '../../../collections/recent-map'
import { contain } from '../../boundary'
import { ContractsReading } from '../../session/contracts/contracts-reading'
import { CONTRACTS } from '../../session/control'
import type { TransportHost } from '../../transport'
import { placeOf } from '../addresses'
import type { Hint, RemoteComponent } from '../discovery/discovery'
import { nodeKeyOf } from '../discovery/hello'
import type { PeersOptions } from './cote-peer'
import { NeededCheck } from '../needed-check'
import { OutboundConnection } from './outbound-connection'
import { Places } from './places'

/** Hints that are followed at a time. */
const MAX_ASKED = 16
/** Hints that wait for that, the latest of each node. */
const MAX_WAITING = 1_000
/** Hints that are followed from one turn to the next. */
const MAX_PER_TURN = 25
const TURN_MS = 250
/** From one hint of a node that is followed to the next of the same node. */
const PAUSE_OF_NODE_MS = 500
/** Time in which a node has to prove itself; and that which it is left while others wait. */
const TIMEOUT_MS = 5_000
const PATIENCE_MS = 500

interface Asked {
  readonly connection: OutboundConnection
  readonly place: string
  readonly since: number
}

/**
 * Follows hints: hellos whose stamps are of another time. Either the clock of a node is wrong, or somebody sends an old
 * packet again; the node itself tells, once it has proven itself on a connection. Whoever sends hints makes this node
 * dial no more than the bounds allow.
 */
export class Hints {
  private readonly waiting = new Map<string, Hint>()
  private readonly asked = new Map<string, Asked>()
  private readonly followedAt = new RecentMap<string, number>(MAX_WAITING)
  private readonly places = new Places()
  private readonly turns = new NeededCheck(() => this.turn(), TURN_MS)
  private left = MAX_PER_TURN
  private stopped = false

  constructor (
    private readonly host: Pick<TransportHost, 'id' | 'key'>, private readonly options: PeersOptions
  ) {}

  /** Follows a hint as soon as the bounds allow. One that comes too early or is one too many is refused. */
  add (hint: Hint): void {
    const { iid } = hint.component
    const isTooMany = this.waiting.size >= MAX_WAITING && !this.waiting.has(iid)
    if (this.stopped || isTooMany || this.asked.has(iid) || !this.mayFollow(hint)) return hint.refuse()
    this.waiting.set(iid, hint)
    this.turns.begin()
    this.followNext()
  }

  /** Follows none any more. */
  stop (): void {
    this.stopped = true
    this.turns.end()
    this.waiting.clear()
    for (const { connection } of this.asked.values()) connection.destroy()
  }

  /** Returns whether there are any hints left. */
  private turn (): boolean {
    this.left = MAX_PER_TURN
    const patienceMs = this.waiting.size > 0 ? PATIENCE_MS : TIMEOUT_MS
    const latest = performance.now() - patienceMs
    for (const { connection, since } of this.asked.values()) if (since < latest) connection.destroy()
    this.followNext()
    return this.waiting.size > 0 || this.asked.size > 0
  }

  private mayFollow ({ component }: Hint): boolean {
    const followedAt = this.followedAt.get(component.iid)
    return (followedAt === undefined || performance.now() - followedAt >= PAUSE_OF_NODE_MS) &&
      this.places.mayTry(whereIs(component), component.iid)
  }

  private followNext (): void {
    const busy = new Set(Array.from(this.asked.values(), ({ place }) => place))
    for (const [iid, hint] of this.waiting) {
      const { component } = hint
      const place = whereIs(component)
      if (this.stopped || this.left <= 0 || this.asked.size >= MAX_ASKED) return
      if (busy.has(place)) continue
      this.waiting.delete(iid)
      if (!this.mayFollow(hint)) {
        hint.refuse()
        continue
      }
      this.left--
      busy.add(place)
      this.followedAt.set(iid, performance.now())
      contain(this.options.onRejected, component.address, () => this.follow(hint, place))
    }
  }

  private follow (hint: Hint, place: string): void {
    const { component: { iid, address, advertisement } } = hint
    const { port = 0 } = advertisement
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
        this.asked.delete(iid)
        if (now === undefined) this.places.failed(place)
        else this.places.found(place, iid)
        contain(this.options.onRejected, address, () => now === undefined ? hint.refuse() : hint.confirm(now))
        this.followNext()
      }
    })
    this.asked.set(iid, { connection, place, since: performance.now() })
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

function whereIs ({ address, advertisement: { port = 0 } }: RemoteComponent): string {
  return placeOf(address, port)
}
