import type { UnseenCode } from './rejections'

/** A node that this one knows of and can't reach, or that it heard and does not take for a node of its mesh. */
export interface UnreachablePeer {
  readonly id?: string
  /** What people call the node. */
  readonly name?: string
  /** Undefined where the node is not known so far. */
  readonly key?: string
  /** Host and port where it should be, or where it was heard from; or a name. Of `unsaidHello`, that of this node. */
  readonly address: string
  /** Whether the options of this node name the address, or DNS does, and nobody was heard from there. */
  readonly isPlace?: true
  /** Why it can't be reached, or what is wrong with what it sent: the end of a sentence, for people. */
  readonly reason: string
  /** The same for programs. @default a transport of your own need not tell */
  readonly code?: UnseenCode
}
