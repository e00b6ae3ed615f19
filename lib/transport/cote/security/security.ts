import type { Socket } from 'node:net'
import type { NodeLog } from '../../../log'
import type { HelloContext, HelloSeal } from '../discovery/hello-seal'

/** What security needs to know of its node. */
export interface SecurityContext extends HelloContext {
  /** The key of the node, as its options give it. */
  readonly key: string
  /** Milliseconds in which the other side of a connection must prove itself. */
  readonly handshakeTimeout: number
  /** Where it is told that a secret or certificates are wrong now. @default the process */
  readonly log?: NodeLog
}

/** The node that a connection is opened to. */
export interface Destination {
  readonly host: string
  readonly port: number
  /** The key that the node's hello claims; any, where there was no hello yet. */
  readonly key?: string
}

/** Opens a connection; `onReady` is called when the other side has proven itself. */
export type Dial = (to: Destination, onReady: () => void) => Socket

/** Receives a proven connection of another node; `keys` are those that its certificate names, if it has one. */
export type OnConnection = (socket: Socket, keys: readonly string[] | undefined) => void

/** Accepts connections of nodes that prove that they belong to the mesh. */
export interface Acceptor {
  /** Asks a new connection for its proof. */
  accept (socket: Socket): void
  /** Closes the connections that have not proven themselves yet. */
  close (): void
}

/** How the nodes of a mesh prove that they belong to it. */
export interface Security {
  readonly hellos: HelloSeal
  readonly dial: Dial
  /** Identifies what connections are opened with now. A connection opened with anything else must be replaced. */
  credential (): string
  /** Creates the acceptor of a port. */
  acceptor (onConnection: OnConnection): Acceptor
}
