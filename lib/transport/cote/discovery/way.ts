import type { NodeLog } from '../../../log'
import type { OnRejected } from '../../rejections'

/** Whether a broker is on this machine, as this node reaches it by loopback, or elsewhere. */
export type BrokerPlace = 'here' | 'elsewhere'

/** Where a packet came from. */
export interface Origin {
  /** The address that it came from: of its sender, or of the broker that handed it on. */
  readonly address: string
  /** Where the broker is that handed it on, if one did: the address says nothing about the sender then. */
  readonly broker?: BrokerPlace | undefined
  /** The number of the way that it came by. */
  readonly way: number
  /** Whether it came by a connection to or from that address, and not by a packet that anybody can write. */
  readonly isConnected?: boolean
}

/** What a way needs of its node. */
export interface WayContext {
  /** The UDP port of discovery. */
  readonly port: number
  /** The address that the node listens on. */
  readonly address: string
  /** The environment as cote writes it: empty, or the name and a colon. */
  readonly environment: string
  /** Whether only nodes of this mesh can read its packets. */
  readonly isClosed: boolean
  /** Takes a packet that anybody may have sent, and tells where the broker is that handed it on, if one did. */
  readonly receive: (bytes: Buffer, address: string, broker?: BrokerPlace) => void
  /** The hellos of this node as they go by this way, for one node that asks. */
  readonly hellos: () => readonly Buffer[]
  /** It carries packets now, at first or again: the node says hello, as others may not have heard it meanwhile. */
  readonly onUp: () => void
  readonly onRejected: OnRejected
  readonly log: NodeLog
}

/** The UDP port at which this node alone reads what others answer to its hellos, which tell it. */
export interface AnswerPort {
  readonly port: number
  /** Sends a packet to that of another node. Resolves when it has left, or has failed to. */
  send (packet: Buffer, port: number): Promise<void>
}

/** A way that is open: it carries packets of this node to others, and theirs to it. */
export interface Medium {
  /** Bytes of the longest packet that it carries. */
  readonly maxBytes: number
  /** Whether it carries packets now. While it does not, silence of others says nothing. */
  readonly isUp: boolean
  /** The address of this node on its connection to a broker: others can't see where its packets come from. */
  readonly ownAddress?: string | undefined
  /**
   * Whether it reaches nodes of feathers-mesh alone, by connections. They need none of the components that are there
   * for other nodes, and nothing is said again in case that it got lost.
   */
  readonly isConnected?: boolean
  /** What answers to single nodes go by, and answers to this one, where all nodes of a machine share a port. */
  readonly answers?: AnswerPort | undefined
  /** Sends a packet. Resolves when it has left, or has failed to. Tells if it takes none of that length. */
  send (packet: Buffer): Promise<'too long' | undefined>
  /** Closes it, after what was sent has left. */
  close (): Promise<void>
}

/**
 * A way to find other nodes, as an option describes it. It opens nothing before its node joins the mesh, and may be
 * opened again when the node joins again. This is the interface of ways that carry packets.
 */
export interface PacketWay {
  /** Whether a broker hands its packets on. */
  readonly isBroker: boolean
  /** Whether its packets come by connections to nodes, or from them. */
  readonly isConnected?: boolean
  /** The addresses and names that it leads to: they tell how far the node reaches. */
  readonly hosts: readonly string[]
  /** What keeps it from ever being opened, the end of a sentence each: a package that is not installed. */
  faults? (): string[]
  /** What logs say it does, without credentials: `by broadcast to 10.0.255.255, UDP port 12345`. Empty for no line. */
  title (port: number): string
  /** @throws {@link ConfigurationError} where it can never be opened like this */
  open (context: WayContext): Promise<Medium>
}

/** Where a node may listen: an address or a name, and a port. */
export interface NodePlace {
  readonly host: string
  readonly port: number
}

/** What a way that knows places needs of its node. */
export interface LookContext {
  /** Takes all places that are known now. */
  readonly onPlaces: (places: readonly NodePlace[]) => void
  /** Tells why a name leads to no place, the end of a sentence; undefined as soon as it does. */
  readonly onFailure: (name: string, reason: string | undefined) => void
  readonly onRejected: OnRejected
  readonly log: NodeLog
}

/** A look for places, which goes on until it is stopped. */
export interface Look {
  /** A node has gone, and others may have come in its stead. */
  again (): void
  /** Ends it. */
  stop (): void
}

/** A way that carries nothing: it knows places where nodes may listen, and they are asked over TCP who they are. */
export interface PlaceWay {
  /** The addresses and names that it leads to: they tell how far the node reaches. */
  readonly hosts: readonly string[]
  /** The port that all nodes listen on, where the way says it. */
  readonly listenPort?: number | undefined
  /** What keeps it from ever being used, the end of a sentence each. */
  faults? (): string[]
  /** What logs say it does: `by the addresses of todos in DNS, port 4100`. */
  title (port: number): string
  /** Begins to look for places. */
  look (context: LookContext): Look
}

/** Any way to find other nodes. */
export type Way = PacketWay | PlaceWay

/** Whether a way knows places, and carries nothing. */
export function isPlaceWay (way: Way): way is PlaceWay {
  return 'look' in way
}
