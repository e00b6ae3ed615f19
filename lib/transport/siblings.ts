/**
 * What a peer has proven of itself: its key; or that it belongs to the mesh, as it knows the secret; or nothing, so
 * that anybody may say the same.
 */
export type PeerProof = 'key' | 'secret' | 'nothing'

/** What a transport knows of the other transports of its node. */
export interface Siblings {
  /** Its place among them: calls and events prefer the first. */
  readonly place: number
  /**
   * Whether the peer that it reaches by an id is the node that the others reach by that id. It may be an impostor, and
   * it is one as long as it has not joined.
   */
  isSame (peerId: string): boolean
  /** The one object of a class that all of them use. */
  common<T extends object> (type: new () => T): T
}
