import type { Socket } from 'node:net'
import type { RemoteInfo } from 'node:dgram'
import type { Packet } from '../discovery/hello'

/** Where a connection is to go. */
export interface Destination {
  readonly host: string
  readonly port: number
  /** The key that the node there says it has. */
  readonly key: string
}

/** Opens a connection; `onReady` is called when the other side has proven what it has to. */
export type Dial = (to: Destination, onReady: () => void) => Socket

/** Takes a connection that others made and have proven; `keys` are those that its certificate names, if it has one. */
export type OnConnection = (socket: Socket, keys: readonly string[] | undefined) => void

/** Lets in who can prove that it belongs to the mesh. */
export interface Entrance {
  /** Somebody has connected. */
  admit (socket: Socket): void
  /** Ends what is still on the way in. */
  close (): void
}

/** Writes packets of discovery so that others can tell who they come from, and reads those of others. */
export interface HelloSeal {
  seal (packet: Buffer): Buffer
  /** The packet, if it is one and is proven; what is refused was counted. */
  open (bytes: Buffer, from: Pick<RemoteInfo, 'address'>): Packet | undefined
}

/** How the nodes of a mesh know each other. */
export interface Security {
  readonly hellos: HelloSeal
  readonly dial: Dial
  /** Names what connections are opened with now: one that was opened with something else is to be replaced. */
  credential (): string
  entrance (onConnection: OnConnection): Entrance
}
