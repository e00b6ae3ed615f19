import { NotFound, Unavailable } from '@feathersjs/errors'
import type { Application, Params } from '@feathersjs/feathers'
import { HEALTHCHECK } from '../../contract/contract'
import { stripSlashes } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import type { Remotes } from '../../remote/remotes'
import { HEALTH, servicesOf, useService } from '../app/feathers-app'
import type { Mounted } from '../app/follow-parent'

/** The path of the health route, as in feathers-distributed. */
export const DEFAULT_HEALTHCHECK_PATH = '/distribution/healthcheck/'

/** Where the health route is, and what it checks. */
export interface HealthcheckOptions {
  readonly path: string
  /** The partition of this node. In a request it stands for all remote services. */
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  /** Services that must have a host for the node to be healthy. */
  readonly needed: readonly string[]
  /** What happens when an app sets up the first of these services, or tears it down. */
  readonly mounted: Mounted
}

interface Health {
  readonly isHealthy: boolean
  /** Why it is not, where there is something to say. */
  readonly error?: unknown
}

/** The service behind the health route: checks whether the remote services of a key answer. */
class HealthcheckService {
  readonly [HEALTH] = true

  constructor (private readonly options: HealthcheckOptions) {}

  /**
   * The health of the services of a key: each path with whether it is healthy.
   *
   * @throws NotFound for a key of which no node was ever discovered; Unavailable when a service is not healthy, with
   * each path and whether it is healthy in `data`
   */
  async find (params?: Params & { route?: { key?: string } }): Promise<Record<string, boolean>> {
    const { key: own, registry } = this.options
    const key = params?.route?.key ?? own
    const paths = key === own ? this.ownPaths() : registry.pathsOf(key)
    if (paths === undefined) throw new NotFound(`No app registered with key ${key}`)

    const health: Record<string, boolean> = {}
    const errors: unknown[] = []
    await Promise.all(paths.map(async path => {
      const name = registry.service(path)?.remotePath ?? path
      const { isHealthy, error } = await this.check(path)
      health[name] = isHealthy
      if (error !== undefined) errors.push(error)
    }))
    const missing = Object.keys(health).filter(name => health[name] === false)
    if (missing.length === 0) return health
    const message = `Unavailable distributed service(s) for app with key ${key}: ${missing.join(', ')}`
    throw new Unavailable(message, { ...health, errors })
  }

  /**
   * Checks one service. Add a new reason for bad health here: return `isHealthy: false`, with an error where the reason
   * needs words. The route answers with status 503, and with all such errors in `errors`.
   */
  private async check (path: string): Promise<Health> {
    const { registry, remotes } = this.options
    // No node hosts it, or none that this node may call.
    if (registry.service(path)?.isCallable !== true) return { isHealthy: false }
    try {
      return { isHealthy: await remotes.callRemotely(path, HEALTHCHECK, []) === true }
    } catch (error) {
      return { isHealthy: false, error }
    }
  }

  /** The paths of all remote services, and of needed ones that have no host. */
  private ownPaths (): string[] {
    const { registry, needed } = this.options
    const elsewhere = needed.filter(path => registry.contract(path) === undefined)
    return [...new Set([...registry.services.map(({ path }) => path), ...elsewhere])]
  }
}

/**
 * Puts the health route on an app: for all services, and with a key for those of one partition. It comes before all
 * services of the app, because a parent app has to set it up first: see {@link followParent}.
 */
export function useHealthcheck (app: Application, options: HealthcheckOptions): void {
  const path = stripSlashes(options.path)
  const services = servicesOf(app)
  const others = Object.entries(services)
  for (const [name] of others) delete services[name]
  const first = Object.assign(new HealthcheckService(options), options.mounted)
  useService(app, `${path}/:key`, first, {})
  useService(app, path, new HealthcheckService(options), {})
  Object.assign(services, Object.fromEntries(others))
}

/** Whether a path belongs to the health route, which no node offers: each has its own view of the mesh. */
export function isHealthcheck (path: string, healthcheckPath: string): boolean {
  const root = stripSlashes(healthcheckPath)
  return path === root || path.startsWith(`${root}/`)
}
