import { readTime } from '../../../clock'
import { RecentMap } from '../../../collections/recent-map'
import { readPacket, type Packet } from './hello'

/** Hellos that are remembered: the last that said something new, those of one sender by their lengths. */
const MAX_REMEMBERED = 2_000
/** The bytes of the longest of them. */
const MAX_REMEMBERED_BYTES = 2_000

/** Bytes at the beginning of a packet that tell senders apart: the ids of the sender are there, as a rule. */
const HEAD_BYTES = 128

const CLOCK = Buffer.from('"now":')
/** So another name may be the same one. */
const ESCAPE = Buffer.from('\\u')
/** Characters of the longest time, and one that follows it. */
const DIGITS = 20

/** Where in a packet the time stands that its sender's mesh clock showed, and that time. */
interface Time {
  readonly begin: number
  readonly end: number
  readonly now: number
}

/** A packet that was read. */
interface Known {
  readonly bytes: Buffer
  readonly time: Time
  readonly packet: Packet
}

/**
 * Reads packets. A node says the same hello again and again, and only its clock shows another time: of a hello that
 * was read before, only the time is read. While a mesh starts, each node reads hundreds of hellos.
 */
export class PacketReader {
  private readonly known = new RecentMap<string, Known>(MAX_REMEMBERED)

  /** How many packets are remembered. */
  get size (): number {
    return this.known.size
  }

  /**
   * Reads a packet; undefined for anything else. Of a hello that is said again, the advertisement is the same object.
   */
  read (bytes: Buffer): Packet | undefined {
    const time = bytes.length > MAX_REMEMBERED_BYTES ? undefined : timeIn(bytes)
    if (time === undefined) return readPacket(bytes)
    const key = keyOf(bytes, time)
    const known = this.known.get(key)
    if (known !== undefined && isSame(known, bytes, time)) return { ...known.packet, now: time.now }
    const packet = readPacket(bytes)
    // Otherwise, the time stands elsewhere.
    if (packet?.now === time.now) this.known.set(key, { bytes: copyOf(bytes), time, packet })
    return packet
  }
}

/** A sender may say several hellos in turn, as to several networks: most of them have lengths of their own. */
function keyOf (bytes: Buffer, { begin, end }: Time): string {
  return `${bytes.length - (end - begin)} ${bytes.toString('latin1', 0, HEAD_BYTES)}`
}

/** With memory of its own: what Node takes from its pool keeps all of that. */
function copyOf (bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** Undefined where there is no such time, or there may be several: it is the last one that counts. */
function timeIn (bytes: Buffer): Time | undefined {
  const at = bytes.indexOf(CLOCK)
  if (at === -1 || bytes.indexOf(CLOCK, at + 1) !== -1 || bytes.includes(ESCAPE)) return undefined
  const begin = at + CLOCK.length
  const digits = /^\d+(?=[,}])/.exec(bytes.toString('latin1', begin, begin + DIGITS))?.[0]
  const now = Number(digits)
  if (digits === undefined || String(now) !== digits || readTime(now) === undefined) return undefined
  return { begin, end: begin + digits.length, now }
}

/** Whether a packet says what another one said, but for the time. */
function isSame (known: Known, bytes: Buffer, { begin, end }: Time): boolean {
  return begin === known.time.begin && bytes.compare(known.bytes, 0, begin, 0, begin) === 0 &&
    bytes.compare(known.bytes, known.time.end, known.bytes.length, end, bytes.length) === 0
}
