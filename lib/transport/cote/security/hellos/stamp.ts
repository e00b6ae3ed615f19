import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { meshNow } from '../../../../clock'
import type { Packet } from '../../discovery/hello'
import type { HelloContext } from '../../discovery/hello-seal'
import { PacketReader } from '../../discovery/packet-reader'
import { ReplayGuard } from './replay-guard'

/** A stamp is the time of sending (8 bytes), the number of the packet (4), and the address of the sender (4). */
const LENGTH = 16
const ANYWHERE = '0.0.0.0'

/** Characters of a name that is remembered as it is. Longer ones are remembered by their digest, which is shorter. */
const MAX_PLAIN_NAME = 64

/** Binds a packet to its time, its number, and the address of its sender. */
export class Stamps {
  private readonly guard = new ReplayGuard()
  private readonly packets = new PacketReader()
  private count = 0

  constructor (private readonly context: Pick<HelloContext, 'address' | 'onRejected'>) {}

  /** Adds a stamp to a packet. */
  write (packet: Buffer): Buffer {
    const { address } = this.context
    const stamp = Buffer.alloc(LENGTH)
    this.count = (this.count + 1) % 2 ** 32
    stamp.writeDoubleBE(meshNow(), 0)
    stamp.writeUInt32BE(this.count, 8)
    stamp.set((isIPv4(address) ? address : ANYWHERE).split('.').map(Number), 12)
    return Buffer.concat([stamp, packet])
  }

  /**
   * Reads a packet whose writer is proven. Undefined for one that is replayed or malformed, which is counted, and for
   * one that a later packet has overtaken, as that says all.
   *
   * @param writer - the keys of the writer, if there may be several: none can make packets of another count as replayed
   */
  read (stamped: Buffer, from: string, writer?: readonly string[]): Packet | undefined {
    const { onRejected } = this.context
    const packet = stamped.length < LENGTH ? undefined : this.packets.read(stamped.subarray(LENGTH))
    if (packet === undefined) {
      onRejected('malformedPacket', from)
      return undefined
    }
    const moment = { at: stamped.readDoubleBE(0), count: stamped.readUInt32BE(8) }
    const name = nameOf({ ...packet, provenKeys: writer })
    const offClock = this.guard.offClock(name, moment)
    const order = this.guard.place(name, moment)
    if (order === 'replayed') onRejected('replayedHello', from)
    if (order !== 'latest') return undefined
    const address = stamped.subarray(12, LENGTH).join('.')
    return {
      ...packet,
      // The address that the packet came from proves nothing, as anybody could have resent it.
      ...address === ANYWHERE ? {} : { address },
      ...offClock === undefined ? {} : { offClock }
    }
  }

  /** The sender of a packet has proven itself, and what its clock shows now. */
  learnClock (packet: Packet, now: number): void {
    this.guard.learnClock(nameOf(packet), now)
  }
}

function nameOf ({ iid, provenKeys = [] }: Packet): string {
  const name = [iid, ...provenKeys].join('\0')
  return name.length <= MAX_PLAIN_NAME ? name : createHash('sha256').update(name).digest('base64')
}
