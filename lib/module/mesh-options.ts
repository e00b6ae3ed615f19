import { pathOf } from '../decorators/remote-injection'
import { pathFault, stripSlashes } from '../contract/path'
import type { ServiceDescriptor } from '../contract/descriptor'
import { DEFAULT_HEALTHCHECK_PATH } from '../feathers/showing/healthcheck'
import type { MeshOptions } from '../feathers/mesh-settings'
import type { Placement } from '../registry/registry'
import { CoteTransport } from '../transport/cote/cote-transport'
import { errorClasses } from '../transport/values/error-classes'
import { withoutEmpty } from './given-options'
import type { DistributedModuleOptions, DistributionOptions, ServiceFilter } from './options'
import { hideSecrets, securityOptions } from './security-options'

/** What a node does by itself, other than what the options say. */
export type MeshDefaults = Pick<MeshOptions, 'startsWithApp' | 'remotes'> & Partial<Pick<MeshOptions, 'startDelay'>>

type CommonOptions = Omit<DistributionOptions, 'services' | 'remotes'> &
  Pick<DistributedModuleOptions, 'services' | 'validation' | 'validateAtCaller' | 'strictContracts'>

const DEFAULTS = {
  key: 'default',
  timeout: 20_000,
  retries: 5,
  retryDelay: 50,
  waitForService: true,
  maxWaiting: 10_000,
  maxInFlight: 4_096,
  routing: 'leastPending' as const,
  suspendAfter: 3,
  probeInterval: 1_000,
  drainTimeout: 10_000,
  publishEvents: true,
  healthcheckPath: DEFAULT_HEALTHCHECK_PATH,
  publicationDelay: 0,
  heartbeatInterval: 0
}

/** Fills in feathers-distributed's environment variables and the defaults. */
export function toMeshOptions (options: CommonOptions, defaults: MeshDefaults): MeshOptions {
  const { secret, tls, ...given } = withoutEmpty(options)
  const merged = {
    ...DEFAULTS,
    ...withoutEmpty({
      publicationDelay: fromEnvironment('PUBLICATION_DELAY'),
      heartbeatInterval: fromEnvironment('HEARTBEAT_INTERVAL')
    }),
    ...given
  }
  return {
    ...merged,
    startDelay: undefined,
    ...defaults,
    howToStart: defaults.startsWithApp ? 'call start(), or listen() of its app' : 'call initialize(app)',
    // The health of the plugin is that of feathers-distributed.
    neededRemotes: defaults.startsWithApp ? defaults.remotes : [],
    listedServices: listed(given.services),
    policy: { ...merged, attemptTimeout: given.attemptTimeout },
    classes: {
      validation: given.validation,
      validateAtCaller: given.validateAtCaller ?? false,
      strictContracts: given.strictContracts ?? false
    },
    health: { threshold: merged.suspendAfter, probeInterval: merged.probeInterval },
    given: hideSecrets(options),
    headers: given.headers === undefined ? undefined : new Set(given.headers.map(name => name.toLowerCase())),
    transport: given.transport ?? new CoteTransport(given.cote, securityOptions({ secret, tls })),
    isOffered: toFilter(offered(given.services)),
    limits: { methods: given.distributedMethods, events: given.distributedEvents },
    sharedOptions: given.remoteServiceOptions ?? (() => undefined),
    placement: toPlacement(given),
    errorClasses: errorClasses(given.errors ?? [])
  }
}

/** A number that an environment variable holds; undefined if there is none. */
export function fromEnvironment (name: string): number | undefined {
  const value = process.env[name]
  return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value)
}

/** Which plain services are offered: those on the paths of a list, that of a class included. */
function offered (services: CommonOptions['services']): ServiceFilter | undefined {
  if (services === undefined || typeof services === 'function') return services
  return services.map(service => typeof service === 'string' ? service : pathOf(service))
}

/** The paths in a list of services that are no classes: those have their services with them. */
function listed (services: CommonOptions['services'] = []): string[] {
  if (typeof services === 'function') return []
  return services.filter(service => typeof service === 'string').map(stripSlashes)
}

function toFilter (filter: ServiceFilter | undefined): (service: ServiceDescriptor) => boolean {
  if (typeof filter === 'function') return filter
  const paths = filter?.map(stripSlashes)
  return ({ path }) => paths?.includes(path) ?? true
}

function toPlacement ({ remoteServices, remoteServicePath }: CommonOptions): Placement {
  const wanted = toFilter(remoteServices)
  const told = new Set<string>()
  const place = (service: ServiceDescriptor): string | undefined => {
    const path = stripSlashes(remoteServicePath?.(service) ?? service.path)
    const fault = pathFault(path)
    if (fault === undefined) return path
    if (told.has(path)) return undefined
    told.add(path)
    process.emitWarning(`remoteServicePath gives '${service.path}' the path '${path}', where no service can be, ` +
      `as ${fault}`)
    return undefined
  }
  return service => {
    try {
      return wanted(service) ? place(service) : undefined
    } catch (error) {
      // Of all services of a mesh one may have what such a function does not reckon with.
      process.emitWarning(`remoteServices or remoteServicePath threw for '${service.path}': ${(error as Error).message}`)
      return undefined
    }
  }
}
