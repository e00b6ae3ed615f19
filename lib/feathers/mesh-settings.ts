import type { ServiceDescriptor } from '../contract/descriptor'
import type { ContractLimits } from '../contract/from-service'
import type { InspectPolicy } from '../inspection/inspector'
import type { KnownNames } from '../inspection/measures'
import type { NodeLog } from '../log'
import type { Placement } from '../registry/node-places'
import type { RemotePolicies } from '../remote/remotes'
import type { SpanMaker } from '../telemetry/safe-tracer'
import type { Transport } from '../transport/transport'
import type { ErrorClasses } from '../transport/values/error-classes'
import type { Middlewares, RemoteServiceHooks } from './app/feathers-app'
import type { ProbePlace } from './health/probe-server'
import type { MembershipOptions } from './membership'
import type { HealthcheckForm } from './showing/healthcheck'

/** Everything that a node needs to know: how it calls others, and what follows. */
export interface MeshOptions extends RemotePolicies, MembershipOptions {
  readonly transport: Transport
  /** Where the node tells what happens. */
  readonly log: NodeLog
  /** Whether nobody had the app before the node, nor its table of services. @default false */
  readonly isNewApp?: boolean
  /** What people call this node. */
  readonly name: string
  /** The partition of this node. */
  readonly key: string
  /** Milliseconds after which calls may leave a node that sends nothing. */
  readonly silenceTimeout: number
  /** How many requests of other nodes are served at a time. */
  readonly maxInFlight: number
  /** What these requests may take, in bytes. */
  readonly maxInFlightBytes: number
  /** Time in milliseconds that `stop()` gives to what is under way. */
  readonly drainTimeout: number
  /** Services of other nodes that are known before they are found: calls wait for their hosts. */
  readonly remotes: readonly string[]
  /** The keys of the nodes that serve paths, where this node names them. */
  readonly remoteKeys: ReadonlyMap<string, string>
  /** Those without which this node does not count as healthy. */
  readonly neededRemotes: readonly string[]
  /** The paths of plain services that have to be there to be offered. */
  readonly listedServices: readonly string[]
  /** Which plain services of the app are offered. */
  readonly isOffered: (service: ServiceDescriptor) => boolean
  /** The methods and events that this node lets out; its events also limit what it takes. */
  readonly limits: ContractLimits
  /** The options of a service that its callers get to know, by their names. */
  readonly sharedOptions: (service: ServiceDescriptor) => readonly string[] | null | undefined
  /** Where services of other nodes are put on the app. */
  readonly placement: Placement | undefined
  /** Whether the options give a service just this path. */
  readonly isNamed: (service: ServiceDescriptor, path: string) => boolean
  /** Whether the events of this node's services go to other nodes. */
  readonly publishEvents: boolean
  readonly healthcheckPath: string
  /** Where `/livez` and `/readyz` are answered: on the app, at a place of their own, or both. */
  readonly probes: {
    readonly areOnApp: boolean
    readonly place: ProbePlace | undefined
    /** Where metrics are told: at that place if there is one, or on the app; undefined for nowhere. */
    readonly metricsPath: string | undefined
  }
  /** What the health route tells outside clients. */
  readonly healthcheck: HealthcheckForm
  /** Milliseconds from the start until this node announces its services. */
  readonly publicationDelay: number
  /** Milliseconds after which they are announced again; 0 for never. */
  readonly heartbeatInterval: number
  readonly middlewares?: Middlewares
  readonly hooks?: RemoteServiceHooks
  /** The classes that errors of other nodes can be instances of. */
  readonly errorClasses: ErrorClasses
  /** Who may ask this node what it measured. */
  readonly inspect: InspectPolicy
  /** Makes what traces calls and events; undefined without telemetry. */
  readonly makeTracer: ((known: KnownNames) => SpanMaker) | undefined
  /** The options as the user gave them. */
  readonly given: object
}
