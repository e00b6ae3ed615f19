import { NotFound, Unavailable } from '@feathersjs/errors'
import type { Application, Params } from '@feathersjs/feathers'
import { meshNow } from '../../clock'
import { HEALTHCHECK } from '../../contract/contract'
import { stripSlashes } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'
import type { Remotes } from '../../remote/remotes'
import { HEALTH, servicesOf, useService } from '../app/feathers-app'
import type { Mounted } from '../app/follow-parent'
import { isForClient } from './client-json'

/** The path of the health route, as in feathers-distributed. */
export const DEFAULT_HEALTHCHECK_PATH = '/distribution/healthcheck/'

/** What the health route tells outside clients: whether all is well, or which services of which keys are. */
export const HEALTHCHECK_FORMS = ['public', 'detailed'] as const

/** One of {@link HEALTHCHECK_FORMS}. */
export type HealthcheckForm = typeof HEALTHCHECK_FORMS[number]

/** Where the health route is, and what it checks. */
export interface HealthcheckOptions {
  readonly path: string
  /** The partition of this node. In a request it stands for all remote services. */
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  /** Services that must have a host for the node to be healthy. */
  readonly needed: readonly string[]
  /** Whether outside clients get the names of services, and answers by key. */
  readonly isDetailed: boolean
  /** What happens when an app sets up the first of these services, or tears it down. */
  readonly mounted: Mounted
}

interface Health {
  readonly isHealthy: boolean
  /** Why it is not, where there is something to say. */
  readonly error?: unknown
}

/** What the route tells an outside client in its public form. */
interface PublicHealth {
  readonly healthy: boolean
}

/** The service behind the health route: checks whether the remote services of a key answer. */
class HealthcheckService {
  readonly [HEALTH] = true

  constructor (private readonly options: HealthcheckOptions, private readonly checks: HealthChecks) {}

  /**
   * The health of the services of a key: each path with whether it is healthy. In the public form, outside clients
   * get one answer for all keys: whether all services are healthy.
   *
   * @throws NotFound for a key of which no node was ever discovered; Unavailable when a service is not healthy, with
   * each path and whether it is healthy in `data`
   */
  async find (params?: Params & { route?: { key?: string } }): Promise<Record<string, boolean> | PublicHealth> {
    const { key: own, isDetailed } = this.options
    if (!isDetailed && isForClient(params)) return await this.publicHealth()
    return await this.healthOf(params?.route?.key ?? own)
  }

  private async healthOf (key: string): Promise<Record<string, boolean>> {
    const { key: own, registry } = this.options
    const paths = key === own ? this.ownPaths() : registry.pathsOf(key)
    if (paths === undefined) throw new NotFound(`No app registered with key ${key}`)

    const health: Record<string, boolean> = {}
    const errors: unknown[] = []
    await Promise.all(paths.map(async path => {
      const name = registry.service(path)?.remotePath ?? path
      const { isHealthy, error } = await this.checks.check(path)
      health[name] = isHealthy
      if (error !== undefined) errors.push(error)
    }))
    const missing = Object.keys(health).filter(name => health[name] === false)
    if (missing.length === 0) return health
    const message = `Unavailable distributed service(s) for app with key ${key}: ${missing.join(', ')}`
    throw new Unavailable(message, { ...health, errors })
  }

  /** The same status for each key: a client must not learn by it which keys there are. */
  private async publicHealth (): Promise<PublicHealth> {
    const answers = await Promise.all(this.ownPaths().map(async path => await this.checks.check(path)))
    if (answers.every(({ isHealthy }) => isHealthy)) return { healthy: true }
    throw new Unavailable('not healthy', { healthy: false })
  }

  /** The paths of all remote services, and of needed ones that have no host. */
  private ownPaths (): string[] {
    const { registry, needed } = this.options
    const elsewhere = needed.filter(path => registry.contract(path) === undefined)
    return [...new Set([...registry.services.map(({ path }) => path), ...elsewhere])]
  }
}

/** A question to a service under way, or its last answer. */
interface Question {
  readonly askedAt: number
  readonly health: Promise<Health>
  isAnswered: boolean
}

/** Whether it has to be asked again. */
function isOver ({ isAnswered, askedAt }: Question): boolean {
  return isAnswered && meshNow() - askedAt >= ASK_AGAIN_MS
}

/** Answers of services are used for this time: requests of clients must not become as many calls. */
const ASK_AGAIN_MS = 1_000

/** Asks services whether they are healthy: each at most once a second, and never while it has not answered. */
class HealthChecks {
  /** One for each remote service that is on the mesh. */
  private readonly questions = new WeakMap<RemoteServiceEntry, Question>()

  constructor (private readonly registry: Registry, private readonly remotes: Remotes) {}

  /**
   * Checks one service. Add a new reason for bad health here: return `isHealthy: false`, with an error where the reason
   * needs words. The route answers with status 503, and with all such errors in `errors`.
   */
  async check (path: string): Promise<Health> {
    const entry = this.registry.service(path)
    // No node hosts it, or none that this node may call.
    if (entry?.isCallable !== true) return { isHealthy: false }
    const asked = this.questions.get(entry)
    if (asked !== undefined && !isOver(asked)) return await asked.health
    const question: Question = { askedAt: meshNow(), health: this.ask(path), isAnswered: false }
    this.questions.set(entry, question)
    void question.health.then(() => { question.isAnswered = true })
    return await question.health
  }

  /** Never rejects. */
  private async ask (path: string): Promise<Health> {
    try {
      return { isHealthy: await this.remotes.callRemotely(path, HEALTHCHECK, []) === true }
    } catch (error) {
      return { isHealthy: false, error }
    }
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
  const checks = new HealthChecks(options.registry, options.remotes)
  const first = Object.assign(new HealthcheckService(options, checks), options.mounted)
  useService(app, `${path}/:key`, first, {})
  useService(app, path, new HealthcheckService(options, checks), {})
  Object.assign(services, Object.fromEntries(others))
}

/** Whether a path belongs to the health route, which no node offers: each has its own view of the mesh. */
export function isHealthcheck (path: string, healthcheckPath: string): boolean {
  const root = stripSlashes(healthcheckPath)
  return path === root || path.startsWith(`${root}/`)
}
