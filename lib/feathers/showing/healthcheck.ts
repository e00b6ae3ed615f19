import { NotFound, Unavailable } from '@feathersjs/errors'
import type { Application, Params } from '@feathersjs/feathers'
import { HEALTHCHECK } from '../../contract/contract'
import { stripSlashes } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import type { Remotes } from '../../remote/remotes'
import { useService } from '../feathers-app'
import type { Mounted } from '../follow-parent'

/** Where the health of the mesh is told, as in feathers-distributed. */
export const DEFAULT_HEALTHCHECK_PATH = '/distribution/healthcheck/'

export interface HealthcheckOptions {
  readonly path: string
  /** The partition of this node: asked for, it stands for all services. */
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  /** Services that have to have a host. */
  readonly needed: readonly string[]
  /** What is done when an app sets this service up. */
  readonly mounted: Mounted
}

/** What tells a service that is there for this alone, also one of another copy of this package. */
const HEALTH = Symbol.for('feathers-mesh:health')

/** Asks the remote services of a key whether they are there. */
class HealthcheckService {
  readonly [HEALTH] = true

  constructor (private readonly options: HealthcheckOptions) {}

  /**
   * @throws NotFound for a key of which no node was ever seen; Unavailable when a service does not answer,
   * with each path and whether it did in `data`
   */
  async find (params?: Params & { route?: { key?: string } }): Promise<Record<string, boolean>> {
    const { key: own, registry, remotes } = this.options
    const key = params?.route?.key ?? own
    const paths = key === own ? this.ownPaths() : registry.pathsOf(key)
    if (paths === undefined) throw new NotFound(`No app registered with key ${key}`)

    const health: Record<string, boolean> = {}
    const errors: unknown[] = []
    await Promise.all(paths.map(async path => {
      const name = registry.service(path)?.remotePath ?? path
      try {
        const isHosted = registry.service(path)?.isCallable === true
        health[name] = isHosted && await remotes.callRemotely(path, HEALTHCHECK, []) === true
      } catch (error) {
        health[name] = false
        errors.push(error)
      }
    }))
    const missing = Object.keys(health).filter(name => health[name] === false)
    if (missing.length === 0) return health
    const message = `Unavailable distributed service(s) for app with key ${key}: ${missing.join(', ')}`
    throw new Unavailable(message, { ...health, errors })
  }

  /** All remote services, those included that should be there and have no host. */
  private ownPaths (): string[] {
    const { registry, needed } = this.options
    const elsewhere = needed.filter(path => registry.contract(path) === undefined)
    return [...new Set([...registry.services.map(({ path }) => path), ...elsewhere])]
  }
}

/**
 * Puts the route on an app: for all services, and with a key for those of one partition. They go before the services
 * that the app has: the first one is what an app that this one is mounted on sets up first.
 */
export function useHealthcheck (app: Application, options: HealthcheckOptions): void {
  const path = stripSlashes(options.path)
  const services = app.services as Record<string, unknown>
  const others = Object.entries(services)
  for (const [name] of others) Reflect.deleteProperty(services, name)
  const first = Object.assign(new HealthcheckService(options), options.mounted)
  useService(app, `${path}/:key`, first, {})
  useService(app, path, new HealthcheckService(options), {})
  Object.assign(services, Object.fromEntries(others))
}

/** Whether a service tells the health of a mesh, on whatever path. */
export function isHealthService (service: object): boolean {
  return (service as { [HEALTH]?: true })[HEALTH] === true
}

/** The health of the mesh is each node's own view. */
export function isHealthcheck (path: string, healthcheckPath: string): boolean {
  const root = stripSlashes(healthcheckPath)
  return path === root || path.startsWith(`${root}/`)
}
