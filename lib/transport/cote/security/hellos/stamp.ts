import { isIPv4 } from 'node:net'
import { readPacket, type Packet } from '../../discovery/hello'
import type { HelloContext } from '../../discovery/hello-seal'
import { ReplayGuard } from './replay-guard'

/** A stamp is the time of sending (8 bytes), the number of the packet (4), and the address of the sender (4). */
const LENGTH = 16
const ANYWHERE = '0.0.0.0'

/** Binds a packet to its time, its number, and the address of its sender. */
export class Stamps {
  private readonly guard = new ReplayGuard()
  private at = 0
  private count = 0

  constructor (private readonly context: Pick<HelloContext, 'address' | 'onRejected'>) {}

  /** Adds a stamp to a packet. */
  write (packet: Buffer): Buffer {
    const { address } = this.context
    const stamp = Buffer.alloc(LENGTH)
    this.at = Math.max(this.at, Date.now())
    this.count = (this.count + 1) % 2 ** 32
    stamp.writeDoubleBE(this.at, 0)
    stamp.writeUInt32BE(this.count, 8)
    stamp.set((isIPv4(address) ? address : ANYWHERE).split('.').map(Number), 12)
    return Buffer.concat([stamp, packet])
  }

  /**
   * Reads a packet whose writer is proven. Undefined for one that is late, replayed or malformed, which is counted.
   *
   * @param writer - the proven writer, if there may be several: none can make packets of another count as replayed
   */
  read (stamped: Buffer, from: string, writer = ''): Packet | undefined {
    const { onRejected } = this.context
    const packet = stamped.length < LENGTH ? undefined : readPacket(stamped.subarray(LENGTH))
    if (packet === undefined) {
      onRejected('malformedPacket', from)
      return undefined
    }
    const moment = { at: stamped.readDoubleBE(0), count: stamped.readUInt32BE(8) }
    const address = stamped.subarray(12, LENGTH).join('.')
    const off = this.guard.offClock(moment)
    if (off !== undefined) {
      onRejected('lateHello', from, `its clock is ${Math.round(off / 1000)} s off the one of this node, unless it was said again`)
      return undefined
    }
    if (!this.guard.isNew(`${packet.iid}\0${writer}`, moment)) {
      onRejected('replayedHello', from)
      return undefined
    }
    // The address that the packet came from proves nothing, as anybody could have resent it.
    return address === ANYWHERE ? packet : { ...packet, address }
  }
}
