import type { FeathersService } from '@feathersjs/feathers'
import type { LookupResult, RouteNode, Router } from '@feathersjs/transport-commons/lib/routing'
import { debug } from '../debug'

/** What Feathers keeps of a route. */
export interface RouteData {
  readonly service: FeathersService
  readonly params?: Readonly<Record<string, string>>
}

interface Route {
  readonly path: string
  readonly data: RouteData
}

/**
 * The routes of the app's own services, in the router of Feathers.
 *
 * Taking a route off, Feathers' router drops whole placeholders, with all other routes that go through them. So it is
 * filled anew whenever a route goes, with those that are left, in their order.
 */
export class OwnRoutes {
  private routes: Route[]
  private readonly lookup: Router<RouteData>['lookup']

  /** @param services - those of the app, in the order of their registration */
  constructor (private readonly router: Router<RouteData>, services: readonly unknown[]) {
    const place = ({ data }: Route): number => services.indexOf(data.service)
    this.routes = routesBelow(router.root, []).sort((one, other) => place(one) - place(other))
    this.lookup = router.lookup.bind(router)
  }

  find (path: string): LookupResult<RouteData> | null {
    return this.lookup(path)
  }

  /** The route that matches all paths that another one, with its placeholders, matches; undefined if there is none. */
  covering (route: string): string | undefined {
    // A placeholder in a path that is looked up is a text like others: another placeholder alone takes it.
    const data = this.lookup(route)?.data
    return data === undefined ? undefined : this.routes.find(each => each.data === data)?.path
  }

  /** @throws Error when the path has a route already */
  insert (path: string, data: RouteData): RouteNode<RouteData> {
    const node = this.put({ path, data })
    this.routes.push({ path, data })
    return node
  }

  remove (path: string): void {
    const gone = this.keyOf(path)
    const left = this.routes.filter(route => this.keyOf(route.path) !== gone)
    if (left.length === this.routes.length) return
    this.routes = left
    const { router } = this
    // The class is that of the app's own copy of Feathers' transports.
    const Node = router.root.constructor as new (name: string, depth: number) => RouteNode<RouteData>
    router.root = new Node('', 0)
    for (const route of left) {
      try {
        this.put(route)
      } catch (error) {
        // Two paths are one since the router does not look at their case any more.
        debug('route %s: %s', route.path, (error as Error).message)
      }
    }
  }

  private put ({ path, data }: Route): RouteNode<RouteData> {
    return this.router.root.insert(this.router.getPath(path), data)
  }

  private keyOf (path: string): string {
    return this.router.getPath(path).join('/')
  }
}

function routesBelow (node: RouteNode<RouteData>, path: readonly string[]): Route[] {
  const { data, children, placeholders } = node
  const own = data === undefined ? [] : [{ path: path.join('/'), data }]
  const below = Object.values(children).flatMap(child => routesBelow(child, [...path, child.name]))
  return [...own, ...below, ...placeholders.flatMap(child => routesBelow(child, [...path, `:${child.name}`]))]
}
