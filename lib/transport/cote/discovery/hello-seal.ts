import type { RemoteInfo } from 'node:dgram'
import type { Packet } from './hello'

/**
 * Protects packets of discovery, so that nodes of one mesh can tell them from those of strangers. What proves a packet
 * is up to the security of the mesh: a secret, a certificate, or nothing.
 */
export interface HelloSeal {
  /** Turns a packet into the bytes that are sent. */
  seal (packet: Buffer): Buffer
  /**
   * Reads bytes that anybody may have sent. Undefined where they are no packet, or not proven to be one of this mesh;
   * those are counted as rejected.
   */
  open (bytes: Buffer, from: Pick<RemoteInfo, 'address'>): Packet | undefined
}
