import type { ValidatorOptions } from 'class-validator'
import { stripSlashes } from '../contract/path'
import type { Class } from '../decorators/metadata'
import { pathOf } from '../decorators/remote-injection'
import type { MeshOptions } from '../feathers/mesh-settings'
import type { ResolvedOf } from '../option-table/option'
import { errorClasses } from '../transport/values/error-classes'
import type { COMMON_OPTIONS, ServiceFilter } from './common-options'
import { toProbes } from './insight/health-option'
import { toInspectPolicy } from './insight/inspect-option'
import { toTracer } from './insight/telemetry-option'
import { namedBy, toFilter, toPlacement, toSharedOptions } from './placement'

/** Options that only one of `forRoot` and the plugin has, or that both resolve in their own way. */
export interface NodeExtras extends Pick<
  MeshOptions,
  'startsWithApp' | 'startDelay' | 'howToStart' | 'remotes' | 'remoteKeys' | 'neededRemotes' | 'transport' | 'given' |
  'log'
> {
  /** What the node listens on for others. */
  readonly address: string
  readonly services: ReadonlyArray<Class | string> | Extract<ServiceFilter, (...args: never[]) => unknown> | undefined
  readonly validation?: ValidatorOptions
  readonly validateAtCaller?: boolean
  readonly strictContracts?: boolean
  /** Whether the node answers what it measured, where the option `inspect` is not given. */
  readonly isInspected: boolean
}

/** What the node works with, from options that are resolved. */
export function toMeshSettings (options: ResolvedOf<typeof COMMON_OPTIONS>, extras: NodeExtras): MeshOptions {
  const { timeout, attemptTimeout, retries, retryDelay, waitForService, maxWaiting } = options
  const { suspendAfter, probeInterval, headers, remoteServiceOptions, errors } = options
  const { services, validation, validateAtCaller = false, strictContracts = false, ...others } = extras
  const { address, isInspected, ...rest } = others
  return {
    ...rest,
    name: options.name,
    key: options.key,
    policy: { timeout, attemptTimeout, retries, retryDelay, waitForService, maxWaiting },
    routing: options.routing,
    health: { threshold: suspendAfter, probeInterval },
    classes: { validation, validateAtCaller, strictContracts },
    silenceTimeout: options.silenceTimeout,
    headers: headers === undefined ? undefined : new Set(headers.map(name => name.toLowerCase())),
    maxInFlight: options.maxInFlight,
    maxInFlightBytes: options.maxInFlightBytes,
    drainTimeout: options.drainTimeout,
    listedServices: listed(services),
    isOffered: toFilter('services', offered(services), extras.log),
    limits: { methods: options.distributedMethods, events: options.distributedEvents },
    sharedOptions: toSharedOptions(remoteServiceOptions, extras.log),
    placement: toPlacement(options, extras.log),
    isNamed: namedBy(options, extras.log),
    publishEvents: options.publishEvents,
    healthcheckPath: options.healthcheckPath,
    healthcheck: options.healthcheck,
    probes: toProbes(options.health, options.metricsPath, address),
    inspect: toInspectPolicy(options.inspect, isInspected),
    makeTracer: toTracer(options.telemetry),
    publicationDelay: options.publicationDelay,
    heartbeatInterval: options.heartbeatInterval,
    middlewares: options.middlewares,
    hooks: options.hooks,
    errorClasses: errorClasses(errors ?? [])
  }
}

/** Which plain services are offered: those on the paths of a list, that of a class included. */
function offered (services: NodeExtras['services']): ServiceFilter | undefined {
  if (services === undefined || typeof services === 'function') return services
  return services.map(service => typeof service === 'string' ? service : pathOf(service))
}

/** The paths in a list of services that are no classes: those have their services with them. */
function listed (services: NodeExtras['services'] = []): string[] {
  if (typeof services === 'function') return []
  return services.filter(service => typeof service === 'string').map(stripSlashes)
}
