import type { Contract } from '../contract/contract'
import type { LoggedWarning } from '../log'
import type { Figures } from './measures'

/** Another node, as the one that is asked sees it. */
export interface SeenPeer {
  readonly id: string
  readonly name?: string
  readonly key: string
  /** By which transports it is reached, that of calls first: `cote`, or `cote, nats`. */
  readonly way?: string
  /** Where it is reached, where the transport tells. */
  readonly address?: string
  /** Milliseconds in which it answered the latest question of the mesh itself. */
  readonly roundTripMs?: number
}

/** A node that the one that is asked can't see, and why. */
export interface UnseenPeer {
  readonly id?: string
  readonly name?: string
  readonly address: string
  readonly reason: string
  /** The same for programs: the name of a refusal, or one of `UnseenCode`. */
  readonly code?: string
}

/** A service that a node hosts. */
export interface HostedService extends Pick<Contract, 'path' | 'version' | 'events'> {
  readonly methods: readonly string[]
}

/** What a node says of itself, to each node that may ask. */
export interface NodeFacts {
  readonly id: string
  readonly name: string
  readonly key: string
  /** The version of this package. */
  readonly version: string
  /** The version of Node.js. */
  readonly node: string
  /** How long its process runs, in ms. */
  readonly uptimeMs: number
  /** What the clock of its machine shows, in ms since 1970: people set it, and certificates and logs go by it. */
  readonly time: number
  /** The options that its program gave, each as a text or a figure; those that are secret are not told. */
  readonly options: Readonly<Record<string, unknown>>
  /** What it hosts. */
  readonly services: readonly HostedService[]
  /** The nodes that it sees. */
  readonly peers: readonly SeenPeer[]
  /** Those that it does not see. */
  readonly unreachable: readonly UnseenPeer[]
  /** What it warned its program of, the latest texts of each code; where texts quote errors, not for all who ask. */
  readonly warnings: readonly LoggedWarning[]
  /** How often it refused something, by reason: those reasons that there were. */
  readonly refusals: Readonly<Record<string, number>>
}

/** The whole answer of a node. */
export interface NodeReport extends NodeFacts, Figures {
  /** How many taps look at it. */
  readonly taps: number
}
