import { nodeKeyOf, type Advertisement, type Packet } from './hello'

/** How long a component that said goodbye is not taken back for a hello that was still under way. */
const MEMORY = 10_000

interface Gone {
  readonly at: number
  readonly pid: string | undefined
  /** The keys that who said so has proven, where certificates do that: those of others are not gone. */
  readonly provenKeys: readonly string[] | undefined
}

/** The components that said goodbye a moment ago, known or not. */
export class GoneComponents {
  private readonly byIid = new Map<string, Gone>()

  /** @param most - how many are remembered */
  constructor (private readonly most: number) {}

  add ({ iid, pid, provenKeys }: Pick<Packet, 'iid' | 'pid' | 'provenKeys'>): void {
    if (this.byIid.size < this.most) this.byIid.set(iid, { at: Date.now(), pid, provenKeys })
  }

  /** Whether a hello was only under way still. */
  has ({ iid, pid }: Packet, advertisement: Advertisement): boolean {
    const gone = this.byIid.get(iid)
    // A node that joins again has its id and another sender.
    if (gone === undefined || gone.pid !== pid) return false
    return gone.provenKeys?.includes(nodeKeyOf(advertisement)) ?? true
  }

  /** Forgets those that are gone for long. */
  clean (): void {
    const now = Date.now()
    for (const [iid, { at }] of this.byIid) if (now - at > MEMORY) this.byIid.delete(iid)
  }
}
