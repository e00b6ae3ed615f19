import type { NodeLog } from '../../../log'
import type { RemoteComponent } from './hello'
import type { PacketWay } from './way'

/** cote's discovery options, by its names; intervals in milliseconds. */
export interface DiscoveryOptions {
  /** How other nodes are found; all ways together lead to one mesh. */
  readonly ways: readonly PacketWay[]
  /** The UDP port that all nodes share. */
  readonly port: number
  /** The address that this node listens on. */
  readonly address: string
  /** The environment as cote writes it: empty, or the name and a colon. */
  readonly environment: string
  readonly helloInterval: number
  readonly checkInterval: number
  readonly nodeTimeout: number
  /** Peers are reached at the host names in their hellos, not at the addresses that their hellos come from. */
  readonly useHostNames: boolean
  /** The host name that this node announces. @default the name of the machine */
  readonly hostName?: string
  /** A packet of another mesh came. The environment is as cote writes it. */
  readonly onOtherMesh?: (address: string, environment: string) => void
  /** A hello of this node is longer than what carries it, so that others don't hear it. The reason is a clause. */
  readonly onUnsaid?: (reason: string) => void
  /** The address or name, and perhaps a port, that other nodes are told. @default where its hellos come from */
  readonly advertise?: string
  /** Whether nothing of the node can be reached from another machine. @default false */
  readonly staysOnThisMachine?: boolean
  /** The mesh clock of this node. @default that of the process */
  readonly now?: () => number
  /** Where it tells what happens. @default the process */
  readonly nodeLog?: NodeLog
}

/** The events of {@link Discovery}. */
export interface DiscoveryEvents {
  'added': [component: RemoteComponent]
  /** A hello differs from the last one of its component. */
  'changed': [component: RemoteComponent]
  /** A hello told the mesh clock of its node. */
  'clock': [iid: string, now: number]
  'removed': [component: RemoteComponent, reason: 'goodbye' | 'silent']
  /** A hello proves who sent it and not when. It counts as soon as the node has proven that it is there. */
  'hinted': [hint: Hint]
}

/** A hello that has to be confirmed by its node. */
export interface Hint {
  readonly component: RemoteComponent
  /** The node has proven itself at that address, and that its mesh clock shows this. */
  readonly confirm: (now: number) => void
  /** There was no such proof. */
  readonly refuse: () => void
}
