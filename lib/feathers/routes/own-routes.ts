import type { FeathersService } from '@feathersjs/feathers'
import type { LookupResult, RouteNode, Router } from '@feathersjs/transport-commons/lib/routing'
import { debugApp } from '../../debug-log'
import { messageOf } from '../../printable'
import { dropPrototypes, dropPrototypesOf } from './route-names'

/** What Feathers stores for a route. */
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
 * When Feathers' router removes a route, it drops whole placeholders, and with them all other routes through these. So
 * whenever a route goes, the router is filled again with the others, in their order.
 */
export class OwnRoutes {
  private routes: Route[]
  private readonly lookup: Router<RouteData>['lookup']

  /** @param services - those of the app, in the order of their registration */
  constructor (private readonly router: Router<RouteData>, services: readonly unknown[]) {
    const place = ({ data }: Route): number => services.indexOf(data.service)
    this.routes = routesBelow(router.root, []).sort((one, other) => place(one) - place(other))
    this.lookup = router.lookup.bind(router)
    dropPrototypes(router.root)
  }

  /** The route that matches a path; null if there is none. */
  find (path: string): LookupResult<RouteData> | null {
    return this.lookup(path)
  }

  /** The route that matches every path that another route, with its placeholders, matches; undefined if none does. */
  covering (route: string): string | undefined {
    // In a path that is looked up a placeholder is plain text, which only another placeholder matches.
    const data = this.lookup(route)?.data
    return data === undefined ? undefined : this.routes.find(each => each.data === data)?.path
  }

  /**
   * Adds a route.
   *
   * @throws Error when the path has a route already
   */
  insert (path: string, data: RouteData): RouteNode<RouteData> {
    const node = this.put({ path, data })
    this.routes.push({ path, data })
    return node
  }

  /** Removes a route and keeps all others. */
  remove (path: string): void {
    const gone = this.keyOf(path)
    const left = this.routes.filter(route => this.keyOf(route.path) !== gone)
    if (left.length === this.routes.length) return
    this.routes = left
    const { router } = this
    // The class has to come from the app's own copy of Feathers' transports.
    const Node = router.root.constructor as new (name: string, depth: number) => RouteNode<RouteData>
    router.root = new Node('', 0)
    for (const route of left) {
      try {
        this.put(route)
      } catch (error) {
        // The router ignores case by now, so that two paths have become one.
        debugApp('route %s: %s', route.path, messageOf(error))
      }
    }
  }

  private put ({ path, data }: Route): RouteNode<RouteData> {
    const { router: { root }, router } = this
    const parts = router.getPath(path)
    try {
      return root.insert(parts, data)
    } finally {
      // Also of a route that is refused: its nodes may be there by then.
      dropPrototypesOf(parts, root)
    }
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
