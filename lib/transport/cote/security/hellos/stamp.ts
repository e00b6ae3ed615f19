import { isIPv4 } from 'node:net'
import type { OnRejected } from '../../../rejections'
import { readPacket, type Packet } from '../../discovery/hello'
import { ReplayGuard } from './replay-guard'

/** When it was said (8 bytes), which packet of its sender it is (4), and the address of the sender (4). */
const LENGTH = 16
const ANYWHERE = '0.0.0.0'

export interface StampOptions {
  /** Where this node listens. */
  readonly address: string
  readonly onRejected: OnRejected
}

/** Binds a packet to its time, its place among the others, and the address of its sender. */
export class Stamps {
  private readonly guard = new ReplayGuard()
  private at = 0
  private count = 0

  constructor (private readonly options: StampOptions) {}

  write (packet: Buffer): Buffer {
    const { address } = this.options
    const stamp = Buffer.alloc(LENGTH)
    this.at = Math.max(this.at, Date.now())
    this.count = (this.count + 1) % 2 ** 32
    stamp.writeDoubleBE(this.at, 0)
    stamp.writeUInt32BE(this.count, 8)
    stamp.set((isIPv4(address) ? address : ANYWHERE).split('.').map(Number), 12)
    return Buffer.concat([stamp, packet])
  }

  /**
   * Reads a packet of which it is known who wrote it; undefined for what is not to count.
   *
   * @param writer - of several writers none can speak for the time of another
   */
  read (stamped: Buffer, from: string, writer = ''): Packet | undefined {
    const { onRejected } = this.options
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
    // Where it came from says nothing, as anybody may send it again.
    return address === ANYWHERE ? packet : { ...packet, address }
  }
}
