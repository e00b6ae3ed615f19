import type { Application } from '@feathersjs/feathers'
import type { ValidatorOptions } from 'class-validator'
import type { DependencyContainer } from 'tsyringe'
import type { ServiceDescriptor } from '../contract/descriptor'
import type { Class } from '../decorators/metadata'
import type { Middlewares, RemoteServiceHooks } from '../feathers/app/feathers-app'
import type { Routing } from '../remote/balancing/routing'
import type { CoteOptions } from '../transport/cote/cote-options'
import type { CertificatesOption } from '../transport/cote/security/certificates/certificate-ring'
import type { Secret } from '../transport/cote/security/secret/key-ring'
import type { Transport } from '../transport/transport'
import type { ErrorClass } from '../transport/values/error-classes'

/** Chooses services: by their paths, or by a function of what is known of them. */
export type ServiceFilter = readonly string[] | ((service: ServiceDescriptor) => boolean)

/** The options of a node, by the names of feathers-distributed. */
export interface DistributionOptions {
  /** Which services of the app are offered. @default all */
  services?: ServiceFilter
  /** Which services of other nodes are put on the app. @default all */
  remoteServices?: ServiceFilter
  /**
   * Paths of services of other nodes that are known before they are found: they stay on the app while nobody hosts
   * them, and calls wait for a host, up to their timeout. @default none
   */
  remotes?: readonly string[]
  /** The path on this app for a service of another node. @default its own path */
  remoteServicePath?: (service: ServiceDescriptor) => string
  /** Names the options of a service that its callers find in `remoteOptions`. @default none */
  remoteServiceOptions?: (service: ServiceDescriptor) => readonly string[] | null | undefined
  /** Hooks of the services of other nodes on this app. */
  hooks?: RemoteServiceHooks
  /** Express or Koa middleware before and after the services of other nodes on this app. */
  middlewares?: Middlewares
  /** The partition of this node: nodes of one key are replicas of each other. @default 'default' */
  key?: string
  /** Time for one call over the mesh in milliseconds; none for calls in the process. @default 20000 */
  timeout?: number
  /** Time for one attempt of a call that may be repeated, in milliseconds. @default none: that of the call */
  attemptTimeout?: number
  /** How often a call may be sent again when that is safe; 0 for never. @default 5 */
  retries?: number
  /** Milliseconds before all replicas are tried another time; doubled each time. @default 50 */
  retryDelay?: number
  /** How one of several replicas is chosen. @default 'leastPending' */
  routing?: Routing
  /** Whether a call waits, up to its timeout, when nobody hosts the service. @default true */
  waitForService?: boolean
  /** How many calls may wait so. @default 10000 */
  maxWaiting?: number
  /** A replica that lets so many calls in a row time out is set aside until it answers a probe. @default 3 */
  suspendAfter?: number
  /** Milliseconds from one probe to the next. @default 1000 */
  probeInterval?: number
  /** How many requests of other nodes are served at a time; callers send one more elsewhere. @default 4096 */
  maxInFlight?: number
  /** The methods that this node lets out. @default the six standard ones for the plugin, all for `forRoot` */
  distributedMethods?: readonly string[]
  /** The events that this node sends and takes. @default all */
  distributedEvents?: readonly string[]
  /** Whether the events of this node's services go to other nodes. @default true */
  publishEvents?: boolean
  /** Where the health of the mesh is told. @default '/distribution/healthcheck/' */
  healthcheckPath?: string
  /** Milliseconds until the plugin joins the mesh; -1 leaves it to `initialize(app)`. @default 0 or COTE_DELAY */
  coteDelay?: number
  /** Milliseconds until other nodes are told of the services. @default 0 or PUBLICATION_DELAY */
  publicationDelay?: number
  /** Taken for feathers-distributed's sake: nothing here races for ports. @default 0 or COMPONENT_DELAY */
  componentDelay?: number
  /** Milliseconds after which other nodes are told again; 0 for never. @default 0 or HEARTBEAT_INTERVAL */
  heartbeatInterval?: number
  /** Time in milliseconds that leaving gives to calls under way. @default 10000 */
  drainTimeout?: number
  /** Classes of your own errors: from other nodes, too, they arrive as instances of these. @default none */
  errors?: readonly ErrorClass[]
  /** How nodes reach each other. @default cote */
  transport?: Transport
  /** Options of the cote transport. */
  cote?: CoteOptions
  /**
   * What all nodes of the mesh share, at least 16 characters: connections are encrypted, and both sides prove it.
   * To change it give several, in a list or by a function that is asked again and again: all are accepted, and the
   * first one is used. @default MESH_SECRET in the environment, or none
   */
  secret?: Secret
  /**
   * Certificates instead of a secret: `key`, `cert` and `ca` as Node's TLS takes them. Each connection and each
   * announcement is proven with them, and so is the key of a node, which its certificate has to name as
   * `subjectAltName = URI:feathers-mesh:key:<key>`. A function is asked again about once a second: it has to answer at
   * once, and certificates are changed without a restart. @default none
   *
   * @example
   * ```ts
   * tls: { key: readFileSync('node.key'), cert: readFileSync('node.pem'), ca: readFileSync('mesh-ca.pem') }
   * ```
   */
  tls?: CertificatesOption
  /**
   * The headers of outside clients that cross the mesh in `params.headers`, by their names.
   * @default all for the plugin; for `forRoot` those of languages, of the program that asks, and of traces
   */
  headers?: readonly string[]
}

/** The options of `DistributedModule.forRoot()`. */
export interface DistributedModuleOptions extends Omit<DistributionOptions, 'services' | 'remotes' | 'coteDelay'> {
  /** The app of this node. @default a new Feathers app */
  app?: Application
  /** Builds the services and what they need. @default a child of tsyringe's container */
  container?: DependencyContainer
  /**
   * What this node offers, and nothing else: decorated classes, which it hosts, and the paths of plain services
   * of the app. A function chooses among the plain ones.
   * @default all plain services of the app
   */
  services?: ReadonlyArray<Class | string> | ((service: ServiceDescriptor) => boolean)
  /**
   * Services of other nodes that this one needs: classes, or paths. They stay on the app while nobody hosts them, and
   * calls wait for a host; `start()` waits for all of them, and without them the node is not healthy. @default none
   */
  remotes?: ReadonlyArray<Class | string>
  /** Options of class-validator for the classes of `services`, where they say none. @default class-validator's */
  validation?: ValidatorOptions
  /**
   * Whether data that nothing checks is refused at start: of a type that is no class at run time, or of a class without
   * rules. `@DistributedMethod({ data: Object })` says of one method that it is meant. @default false: a warning
   */
  strictValidation?: boolean
  /**
   * Whether remotes of classes (`remote(TodoService)`, `@InjectRemote(TodoService)`) check their arguments before they
   * send them, which saves the trip; the host checks them all the same. @default false
   */
  validateAtCaller?: boolean
  /**
   * Whether replicas whose contract differs from that of a class of this node (`remotes: [TodoService]`,
   * `remote(TodoService)`, `@InjectRemote(TodoService)`) get no calls of it. @default false: they do, with a warning
   */
  strictContracts?: boolean
  /**
   * Allows addresses beyond this machine without a secret or certificates: anybody there can call and listen.
   * @default false
   */
  insecure?: boolean
}
