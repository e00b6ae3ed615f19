import type { OnRejected } from '../../rejections'
import type { Packet } from './hello'
import type { Origin } from './way'

/** What the protection of packets needs to know of its node. */
export interface HelloContext {
  /** The environment as cote writes it: empty, or the name and a colon. */
  readonly environment: string
  /** The address that the node listens on. */
  readonly address: string
  readonly onRejected: OnRejected
  /** A packet of another mesh came, which may share the port. The environment is as cote writes it. */
  readonly onOtherMesh?: (address: string, environment: string) => void
}

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
  open (bytes: Buffer, from: Origin): Packet | undefined
  /** Whether only nodes of this mesh can read its packets; nodes of feathers-distributed never can. */
  readonly isClosed: boolean
  /** Whether only nodes of this mesh can read what it seals. */
  readonly isEncrypted: boolean
  /**
   * Remembers what the clock of a sender shows, once the sender has proven itself on a connection. Its stamps are
   * judged by that from then on.
   *
   * @param packet - one that the sender has sent
   * @param now - the mesh clock of the sender
   */
  learnClock? (packet: Packet, now: number): void
}

/**
 * Whether hellos may carry the lists of what nodes offer: where nobody beyond the mesh, or beyond this machine, can
 * write such a hello, or read it.
 */
export function mayCarryLists ({ isClosed, isEncrypted }: HelloSeal, staysOnThisMachine = false): boolean {
  return isEncrypted || staysOnThisMachine && !isClosed
}
