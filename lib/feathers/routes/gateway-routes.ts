import type { Application } from '@feathersjs/feathers'
import type { LookupResult, Router } from '@feathersjs/transport-commons/lib/routing'
import { stripSlashes } from '../../contract/path'
import { PROCESS_LOG, type NodeLog } from '../../log'
import { servicesOf } from '../app/feathers-app'
import { AdapterRoutes } from './adapter-routes'
import { HiddenPaths } from './hidden-paths'
import { OwnRoutes, type RouteData } from './own-routes'
import { ID, RemoteRoutes, type RemoteRoute } from './remote-routes'

/** The remote services that clients can reach. */
export interface GatewayRoutesOptions {
  /** The remote services that are on the app now. */
  readonly services: () => Iterable<RemoteRoute>
  /** The paths of the services that this node has declared. @default none */
  readonly declared?: ReadonlySet<string>
  /** Where it tells of services that clients can't reach. @default the process */
  readonly log?: NodeLog
  /** A client is about to be led to one of them. */
  readonly beforeLookup?: () => void
  /** Makes the service on a path ready for a client that is about to call it. Returns whether it can be called. */
  readonly prepare: (path: string) => boolean
}

/**
 * The routes for clients of REST and socket.io: first those of the app's own services, then those that only Express or
 * Koa knows, then those of remote services. So a path that a peer chooses never hides anything of the app,
 * and a path that goes away never removes a route of the app.
 */
export class GatewayRoutes {
  private readonly remote: RemoteRoutes
  private readonly adapter: AdapterRoutes
  private readonly hidden: HiddenPaths
  private own: OwnRoutes | undefined
  private router: Router<RouteData> | undefined
  /** The path of the remote service that is being registered. */
  private placing: string | undefined

  constructor (private readonly app: Application, private readonly options: GatewayRoutesOptions) {
    this.hidden = new HiddenPaths(options.log ?? PROCESS_LOG)
    this.remote = new RemoteRoutes(options.services, options.declared)
    this.adapter = new AdapterRoutes(app)
    if (app.routes !== undefined) this.follow(routerOf(app))
    // A plain app gets its router with its transport, which may be configured later.
    Object.defineProperty(app, 'routes', {
      get: () => this.router,
      set: (router: Router<RouteData>) => this.follow(router),
      enumerable: true,
      configurable: true
    })
  }

  /** Whether the case of a path makes no difference to requests of clients. */
  get ignoresCase (): boolean {
    return this.router?.caseSensitive === false
  }

  /** Whether the service that is being registered on a path is remote. */
  isPlacing (location: string): boolean {
    return this.placing !== undefined && this.placing === stripSlashes(location)
  }

  /** Runs the registration of a remote service, so that its routes don't count as the app's own. */
  place (path: string, register: () => void): void {
    const before = this.placing
    this.placing = path
    try {
      register()
    } finally {
      this.placing = before
    }
  }

  /** Discards the table of routes, which is made again when needed: a remote service came or went. */
  reset (): void {
    this.remote.reset()
  }

  /** Warns of a remote service that clients can't reach. */
  warnIfHidden (path: string): void {
    if (this.own !== undefined) this.hidden.check(path, this.own)
    const route = this.adapter.match(path)
    if (route !== undefined) this.hidden.warn(path, route)
  }

  private follow (router: Router<RouteData>): void {
    const own = new OwnRoutes(router, Object.values(servicesOf(this.app)))
    this.router = router
    this.own = own
    router.insert = (path, data) => this.isOwn(path) ? own.insert(path, data) : router.root
    router.remove = path => own.remove(path)
    const lookup = (path: string): LookupResult<RouteData> | null => own.find(path) ?? this.lookupRemote(path)
    Object.assign(router, { lookup })
  }

  private isOwn (path: string): boolean {
    return !this.isPlacing(path) && !this.isPlacing(path.replace(`/${ID}`, ''))
  }

  private lookupRemote (path: unknown): LookupResult<RouteData> | null {
    if (typeof path !== 'string') return null
    this.options.beforeLookup?.()
    const found = this.remote.lookup(path, !this.ignoresCase)
    if (found?.data === undefined) return null
    const route = this.adapter.match(path)
    if (route !== undefined) {
      this.hidden.warnOfRequest(found.data.path, route, stripSlashes(path))
      return null
    }
    return this.options.prepare(found.data.path) ? found : null
  }
}

/** The router that the transports of Feathers add to an app. Their type has another one for the same services. */
function routerOf (app: Application): Router<RouteData> {
  return app.routes as Router<RouteData>
}
