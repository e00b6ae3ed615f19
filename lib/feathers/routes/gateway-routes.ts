import type { Application } from '@feathersjs/feathers'
import type { LookupResult, Router } from '@feathersjs/transport-commons/lib/routing'
import { stripSlashes } from '../../contract/path'
import { AdapterRoutes } from './adapter-routes'
import { HiddenPaths } from './hidden-paths'
import { OwnRoutes, type RouteData } from './own-routes'
import { ID, RemoteRoutes, type RemoteRoute } from './remote-routes'

export interface GatewayRoutesOptions {
  /** The services of other nodes that are on the app, by path. */
  readonly services: () => Iterable<RemoteRoute>
  /** The paths of those that this node has declared. @default none */
  readonly declared?: ReadonlySet<string>
  /** One of them is about to be used. */
  readonly onFound: (path: string) => void
}

/**
 * The routes of REST and socket.io clients: first those of the app's own services, then those that only Express or Koa
 * knows, then those of the services of other nodes. So no path that a peer chooses takes anything from the app, and
 * none that goes takes a route of the app along.
 */
export class GatewayRoutes {
  private readonly remote: RemoteRoutes
  private readonly adapter: AdapterRoutes
  private readonly hidden = new HiddenPaths()
  private own: OwnRoutes | undefined
  private router: Router<RouteData> | undefined
  /** The path of the service of other nodes that is being registered. */
  private placing: string | undefined

  constructor (private readonly app: Application, private readonly options: GatewayRoutesOptions) {
    this.remote = new RemoteRoutes(options.services, options.declared)
    this.adapter = new AdapterRoutes(app)
    if (app.routes !== undefined) this.follow(app.routes as Router<RouteData>)
    // A plain app gets its router with its transport, which may come later.
    Object.defineProperty(app, 'routes', {
      get: () => this.router,
      set: (router: Router<RouteData>) => this.follow(router),
      enumerable: true,
      configurable: true
    })
  }

  /** Whether a service that is being registered is one of other nodes. */
  isPlacing (location: string): boolean {
    return this.placing !== undefined && this.placing === stripSlashes(location)
  }

  /** Registers something as a service of other nodes, whose routes are none of the app's own. */
  place (path: string, register: () => void): void {
    const before = this.placing
    this.placing = path
    try {
      register()
    } finally {
      this.placing = before
    }
  }

  /** The services of other nodes are not the same as before. */
  changed (): void {
    this.remote.changed()
  }

  /** Tells of a service of other nodes that clients don't reach. */
  tellIfHidden (path: string): void {
    if (this.own !== undefined) this.hidden.look(path, this.own)
    const route = this.adapter.match(path)
    if (route !== undefined) this.hidden.tell(path, route)
  }

  private follow (router: Router<RouteData>): void {
    const own = new OwnRoutes(router, Object.values(this.app.services as object))
    this.router = router
    this.own = own
    router.insert = (path, data) => this.isOwn(path) ? own.insert(path, data) : router.root
    router.remove = path => own.remove(path)
    // Feathers' own router gives null as well, and does not say so.
    router.lookup = path => (own.find(path) ?? this.lookupRemote(path)) as LookupResult<RouteData>
  }

  private isOwn (path: string): boolean {
    return !this.isPlacing(path) && !this.isPlacing(path.replace(`/${ID}`, ''))
  }

  private lookupRemote (path: unknown): LookupResult<RouteData> | null {
    if (typeof path !== 'string') return null
    const found = this.remote.lookup(path, this.router?.caseSensitive !== false)
    if (found?.data === undefined) return null
    const route = this.adapter.match(path)
    if (route !== undefined) {
      this.hidden.tellOfRequest(found.data.path, route, stripSlashes(path))
      return null
    }
    this.options.onFound(found.data.path)
    return found
  }
}
