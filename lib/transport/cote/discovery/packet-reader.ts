import { readTime } from '../../../clock'
import { RecentMap } from '../../../collections/recent-map'
import { readPacket, type Packet } from './hello'

/** Hellos that are remembered: the last that said something new. */
const MAX_REMEMBERED = 2_000
/** The bytes of the longest of them. */
const MAX_REMEMBERED_BYTES = 2_000

const CLOCK = '"now":'

/** A packet as text without the time that its sender's mesh clock showed, and that time. */
interface Timed {
  readonly text: string
  readonly now: number
}

/**
 * Reads packets. A node says the same hello again and again, and only its clock shows another time: of a hello that
 * was read before, only the time is read. While a mesh starts, each node reads hundreds of hellos.
 */
export class PacketReader {
  private readonly known = new RecentMap<string, Packet>(MAX_REMEMBERED)

  /** How many packets are remembered. */
  get size (): number {
    return this.known.size
  }

  /**
   * Reads a packet; undefined for anything else. Of a hello that is said again, the advertisement is the same object.
   */
  read (bytes: Buffer): Packet | undefined {
    const timed = bytes.length > MAX_REMEMBERED_BYTES ? undefined : timedText(bytes)
    const known = timed === undefined ? undefined : this.known.get(timed.text)
    if (timed !== undefined && known !== undefined) return { ...known, now: timed.now }
    const packet = readPacket(bytes)
    // Otherwise, the time stands elsewhere.
    if (timed !== undefined && packet?.now === timed.now) this.known.set(timed.text, packet)
    return packet
  }
}

/** Undefined where there is no such time, or several: none can stand within a text of JSON, which escapes quotes. */
function timedText (bytes: Buffer): Timed | undefined {
  const [before, after, ...others] = bytes.toString('latin1').split(CLOCK, 3)
  if (before === undefined || after === undefined || others.length > 0) return undefined
  const now = parseInt(after, 10)
  const digits = String(now)
  if (readTime(now) === undefined || !after.startsWith(digits)) return undefined
  return { text: before + after.slice(digits.length), now }
}
