import { RecentMap } from '../../../collections/recent-map'
import { nodeKeyOf, type Advertisement, type Packet } from './hello'

/** For this time after a goodbye, hellos of the component are ignored: they may have been sent before it. */
const IGNORE_HELLOS_MS = 10_000

interface Gone {
  /** When it left, on the clock of `performance.now()`. */
  readonly at: number
  readonly pid: string | undefined
  /** The keys that the sender of the goodbye has proven, with certificates: components of other keys are not gone. */
  readonly provenKeys: readonly string[] | undefined
}

/** The components that said goodbye recently, whether they were known or not. */
export class GoneComponents {
  private readonly byIid: RecentMap<string, Gone>

  /** @param max - how many are remembered, those that went last */
  constructor (max: number) {
    this.byIid = new RecentMap(max)
  }

  /** Remembers the goodbye of a component. */
  add ({ iid, pid, provenKeys }: Pick<Packet, 'iid' | 'pid' | 'provenKeys'>): void {
    this.byIid.set(iid, { at: performance.now(), pid, provenKeys })
  }

  /** Whether a hello is one that was sent before the goodbye of its component. */
  has ({ iid, pid }: Packet, advertisement: Advertisement): boolean {
    const gone = this.byIid.get(iid)
    // A node that joins again keeps its id, but has a new pid.
    if (gone === undefined || gone.pid !== pid) return false
    return gone.provenKeys?.includes(nodeKeyOf(advertisement)) ?? true
  }

  /** Deletes entries that no hello can be late for any more. */
  clean (): void {
    const now = performance.now()
    for (const [iid, { at }] of this.byIid) if (now - at > IGNORE_HELLOS_MS) this.byIid.delete(iid)
  }
}
