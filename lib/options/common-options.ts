import { hostname } from 'node:os'
import type { ServiceDescriptor } from '../contract/descriptor'
import type { Logger } from '../log'
import { MAX_TIMER_MS } from '../contract/method-policy'
import type { Middlewares, RemoteServiceHooks } from '../feathers/app/feathers-app'
import { DEFAULT_HEALTHCHECK_PATH, HEALTHCHECK_FORMS, type HealthcheckForm } from '../feathers/showing/healthcheck'
import {
  anyTextWithin, bytes, checkedLater, count, flag, milliseconds, names, nested, object, text, textWithin, wholeNumber,
  withMethods
} from '../option-table/kinds'
import { foreignVariable } from '../option-table/variable'
import { ROUTINGS, type Routing } from '../remote/balancing/routing'
import {
  advertisedPlace, COTE_OPTIONS, MAX_NAME_BYTES, waysOption, type CoteOptions
} from '../transport/cote/cote-options'
import type { CertificatesOption } from '../transport/cote/security/certificates/certificate-ring'
import type { NatsBroker } from '../transport/nats/nats-broker'
import type { Secret } from '../transport/secrets/key-ring'
import type { Transport } from '../transport/transport'
import type { ErrorClass } from '../transport/values/error-classes'
import {
  callable, errorClassList, eventNames, filter, listenPlace, middlewareLists, nodeName, oneOf, oneOfOrFunction
} from './option-kinds'
import { healthOption, metricsPathOption } from './insight/health-option'
import { inspectOption } from './insight/inspect-option'
import { telemetryOption } from './insight/telemetry-option'
import { secretFileVariable, secretVariable } from './secret-file'
import { transportChoice, type TransportName, type TransportUrl } from './transports/transport-choice'

/** Chooses services: by their paths, or by a function of what is known of them. */
export type ServiceFilter = readonly string[] | ((service: ServiceDescriptor) => boolean)

/** A time that feathers-distributed gives a timer, which takes whole milliseconds, and anything below 0 for none. */
const delay = (name: string) => foreignVariable(name, text => Math.max(Math.trunc(Number(text)), 0))
/** feathers-distributed repeats what has an interval above 0, which for a timer is at least 1 ms. */
const interval = (name: string) => foreignVariable(name, text => {
  const ms = Number(text)
  return ms > 0 && ms < 1 ? 1 : Math.trunc(ms)
})

/** The options that `forRoot` and the plugin have in common: a new one is a row here. */
export const COMMON_OPTIONS = {
  /**
   * Where the node tells what happens: pino, `console`, or any object with `error`, `warn`, `info` and `debug`. Each
   * takes an object (`code`, and what it is about: `path`, `method`, `node`, `key`, `address`) and a message.
   * @default warnings go to `process.emitWarning`
   */
  logger: withMethods<Logger>('a logger', 'error', 'warn', 'info', 'debug'),
  /** Which services of other nodes appear on the app: paths, or a function. @default all */
  remoteServices: filter<ServiceFilter>(),
  /** Returns the path on this app for a service of another node. @default its own path */
  remoteServicePath: callable<(service: ServiceDescriptor) => string>(),
  /** Names the options of a service that its callers find in `remoteOptions`. @default none */
  remoteServiceOptions: callable<(service: ServiceDescriptor) => readonly string[] | null | undefined>(),
  /** Feathers hooks for the services of other nodes on this app. @default none */
  hooks: object<RemoteServiceHooks>(),
  /** Express or Koa middleware for the services of other nodes on this app, as `{ before, after }`. @default none */
  middlewares: middlewareLists<Middlewares>(),
  /**
   * What people call this node: errors, logs and `nodes()` show it beside the id. At most 100 characters.
   * @default the host name and the process id
   */
  name: nodeName.from('MESH_NAME').orElse(() => `${hostname()}-${process.pid}`),
  /**
   * The partition of this node: nodes with the same key are replicas of each other. At most 1000 bytes.
   * @default 'default'
   */
  key: textWithin(MAX_NAME_BYTES).from('MESH_KEY').or('default'),
  /**
   * Nodes of other environments are ignored. `cote.environment` is another name for it. At most 1000 bytes.
   * @default ''
   */
  environment: anyTextWithin(MAX_NAME_BYTES).from('MESH_ENVIRONMENT', foreignVariable('COTE_ENV', name => name)).or(''),
  /**
   * How nodes find each other: a URL, or a list of them, which are one mesh. `broadcast://10.0.255.255`,
   * `multicast://239.1.2.3`, `unicast://10.0.0.7,10.0.0.8`, `redis://:password@10.0.0.9:6379`, or `rediss://…` with TLS,
   * `static://10.0.0.7:4100,10.0.0.8:4100`, `dns://todos.internal:4100`, `dns+srv://_mesh._tcp.todos.internal`.
   * In the variable, spaces separate several.
   * @default `broadcast://127.255.255.255`, this machine; for the plugin `broadcast://255.255.255.255`
   */
  discovery: waysOption,
  /**
   * The address or name that others are told, where they can't reach this node at the address that its hellos come
   * from: `'10.0.0.7'`, `'todos.internal'`; with a port that is mapped `'192.0.2.7:4100'`, `'[2001:db8::7]:4100'`.
   * `cote.advertise` is another name for it. @default where its hellos come from
   */
  advertise: advertisedPlace.from('MESH_ADVERTISE'),
  /**
   * Where this node listens: `'10.0.0.7'`, `'10.0.0.7:4100'`, `':4100'`, `'[fd00::7]:4100'`. `cote.address` is another
   * name for the address. @default the address of `cote.address`, any free port
   */
  listen: listenPlace.from('MESH_LISTEN'),
  /**
   * Time for one call over the mesh, waiting and all attempts included; none for calls in the process.
   * @default 20000 ms
   */
  timeout: milliseconds.or(20_000),
  /** Time for one attempt of a call that is safe to repeat, in ms. @default that of the call */
  attemptTimeout: milliseconds,
  /** How often a call is sent again where that is safe; 0 for never. @default 5 */
  retries: wholeNumber(0).or(5),
  /** Time before all replicas are tried again; doubled each time. @default 50 ms */
  retryDelay: milliseconds.or(50),
  /**
   * How one of several replicas is chosen: `'leastPending'`, `'roundRobin'`, `'fastest'`, or a function.
   * @default 'leastPending'
   */
  routing: oneOfOrFunction<Routing>(ROUTINGS).or('leastPending'),
  /** Whether a call waits, up to its timeout, while nobody hosts the service. @default true */
  waitForService: flag.or(true),
  /** How many calls may wait like this. @default 10000 */
  maxWaiting: wholeNumber(0).or(10_000),
  /** Consecutive timeouts after which a replica gets no more calls until it answers a probe. @default 3 */
  suspendAfter: count.or(3),
  /** Time from one probe to the next. @default 1000 ms */
  probeInterval: milliseconds.or(1_000),
  /**
   * Time without a byte of a replica, nor an answer to a probe, after which calls leave it that are safe to repeat.
   * @default 3000 ms
   */
  silenceTimeout: milliseconds.or(3_000),
  /** Requests of other nodes that this node serves at a time; callers send further ones elsewhere. @default 4096 */
  maxInFlight: count.or(4_096),
  /** What these requests may take; a single one may take more. @default 134217728 bytes */
  maxInFlightBytes: bytes.or(128 * 1024 * 1024),
  /** The methods that this node offers. @default all; for the plugin the six standard ones */
  distributedMethods: names,
  /** The events that this node sends and receives; `error` is none of them. @default all */
  distributedEvents: eventNames<readonly string[]>(),
  /** Whether the events of this node's services go to other nodes. @default true */
  publishEvents: flag.or(true),
  /** Where the health of the mesh is served. @default '/distribution/healthcheck/' */
  healthcheckPath: text.or(DEFAULT_HEALTHCHECK_PATH),
  /**
   * What the health route tells clients: `'public'`, with status 200 or 503, whether all services that this node knows
   * are healthy, the same for each key; or `'detailed'`, which of them are, and by key. Calls from code get the
   * details. @default 'public', for the plugin 'detailed'
   */
  healthcheck: oneOf<HealthcheckForm>(HEALTHCHECK_FORMS).or('public'),
  /**
   * Where `/livez` and `/readyz` tell whether this node lives, and whether it is ready: on the app if it is one of
   * Express or Koa, unless this is false; with `{ port: 8080 }`, for nodes without HTTP, there as well.
   * `{ port, host }` names the address, too, which is that of `listen` otherwise. @default true, for the plugin false
   */
  health: healthOption.or(true),
  /**
   * Where Prometheus reads what this node measured: `'/metrics'`. With `health: { port }` it is answered there alone,
   * else on the app, which must be one of Express or Koa, for whoever reaches it. @default nowhere
   */
  metricsPath: metricsPathOption,
  /**
   * Who may ask this node over the mesh what it does: its contracts, figures, refusals, and a live tap of its calls and
   * events. `true` for all nodes, a list of keys, or `{ keys, payloads }`; `payloads: true` lets taps tell what calls
   * and events carry. Nobody sees figures of what `allow` does not let it call or hear. Without certificates a key is
   * the word of the one who asks.
   * @default true with a secret, with certificates, and where the mesh stays on this machine; for the plugin false
   */
  inspect: inspectOption,
  /**
   * Whether calls and events are traced and measured by OpenTelemetry: `true` for the SDK that the program registered,
   * or `{ tracerProvider, meterProvider, baggage, clientBaggage }`. Needs `@opentelemetry/api`. Baggage travels between
   * nodes with `baggage: true` only, and that of outside clients is taken with `clientBaggage: true` only.
   * @default false
   */
  telemetry: telemetryOption.or(false),
  /** Time until other nodes learn of the services. @default 0 ms */
  publicationDelay: wholeNumber(0, MAX_TIMER_MS, 'ms').from(delay('PUBLICATION_DELAY')).or(0),
  /** Accepted for the sake of feathers-distributed: nothing here races for ports. @default 0 ms */
  componentDelay: wholeNumber(0, MAX_TIMER_MS, 'ms').from(delay('COMPONENT_DELAY')).or(0),
  /** Time after which other nodes learn of the services again; 0 for never. @default 0 ms */
  heartbeatInterval: wholeNumber(-Infinity, MAX_TIMER_MS, 'ms').from(interval('HEARTBEAT_INTERVAL')).or(0),
  /** How long leaving waits for calls under way. @default 10000 ms */
  drainTimeout: milliseconds.or(10_000),
  /** Your own error classes, of which errors from other nodes become instances. @default none */
  errors: errorClassList<readonly ErrorClass[]>(),
  /**
   * How nodes reach each other: `'cote'`; a NATS server, `'nats://a:4222,b:4222'`, or `nats({ … })` of
   * `feathers-mesh/nats`; or a transport of your own. @default 'cote'
   */
  transport: transportChoice<Transport | NatsBroker | TransportName | TransportUrl>().from('MESH_TRANSPORT')
    // A URL may have a password in it. Objects keep theirs to themselves.
    .hide(value => typeof value === 'string' && value !== 'cote')
    .or('cote'),
  /** Options of the cote transport. @default those below */
  cote: nested<CoteOptions>(COTE_OPTIONS),
  /**
   * What all nodes of the mesh share, at least 16 characters: connections are encrypted, and both sides prove it. To
   * change it, give several, in a list or by a function, which the node calls again regularly: all are accepted, and
   * the first one is used. `MESH_SECRET_FILE` names a file instead, with one secret in each line, which is read again
   * when it changes. @default none
   */
  secret: checkedLater<Secret>().from(secretVariable, secretFileVariable).hide(),
  /**
   * Certificates instead of a secret, for the cote transport: `key`, `cert` and `ca` as Node's TLS takes them. Each
   * connection and each announcement is proven with them, and so is the key of a node, which its certificate has to
   * name as `subjectAltName = URI:feathers-mesh:key:<key>`. The node calls a function again about once a second: it
   * must return synchronously, so you can change certificates without a restart. @default none
   *
   * @example
   * ```ts
   * tls: { key: readFileSync('node.key'), cert: readFileSync('node.pem'), ca: readFileSync('mesh-ca.pem') }
   * ```
   */
  tls: checkedLater<CertificatesOption>().hide(),
  /**
   * The headers of outside clients that cross the mesh in `params.headers`, by their names.
   * @default those of languages, of the program that asks, and of traces; for the plugin all
   */
  headers: names
}
