import type { FeathersService } from '@feathersjs/feathers'
import { Router, type LookupResult } from '@feathersjs/transport-commons/lib/routing'
import { debugApp } from '../../debug-log'
import { messageOf } from '../../printable'
import type { RouteData } from './own-routes'
import { dropPrototypes } from './route-names'

/** The placeholder under which Feathers finds the id of a record. */
export const ID = ':__id'

/** How many parts a path may have. Peers choose the paths, and a lookup goes as deep as they are. */
const MAX_PARTS = 100

/** A remote service that is on the app. */
export interface RemoteRoute {
  readonly path: string
  readonly service: FeathersService
}

/** A route as Feathers reads it, with the path of the service for {@link GatewayRoutesOptions.prepare}. */
interface RemoteRouteData extends RouteData, RemoteRoute {
  readonly service: FeathersService
}

/**
 * The routes of the services of other nodes. These come and go with their hosts, so the table is made from the services
 * that are on the app, and made again when they change. No route is ever removed from a table.
 */
export class RemoteRoutes {
  private table: Router<RemoteRouteData> | undefined

  /**
   * @param services - the services of other nodes that are on the app now
   * @param declared - the paths that this node has declared
   */
  constructor (
    private readonly services: () => Iterable<RemoteRoute>, private readonly declared: ReadonlySet<string> = new Set()
  ) {}

  /** Drops the table: a service came or went. */
  reset (): void {
    this.table = undefined
  }

  /** The route that matches a path; null if there is none. */
  lookup (path: string, caseSensitive: boolean): LookupResult<RemoteRouteData> | null {
    if (this.table?.caseSensitive !== caseSensitive) this.table = this.make(caseSensitive)
    return this.table.lookup(path)
  }

  private make (caseSensitive: boolean): Router<RemoteRouteData> {
    const table = new Router<RemoteRouteData>()
    table.caseSensitive = caseSensitive
    const services = [...this.services()].filter(({ path }) => path.split('/').length <= MAX_PARTS)
    for (const { path, service } of inPrecedence(services, this.declared)) {
      for (const route of [path, `${path}/${ID}`]) {
        try {
          table.insert(route, { service, path })
        } catch (error) {
          // Peers choose their paths, so two services may claim one route. The one that precedes gets it.
          debugApp('remote route %s: %s', route, messageOf(error))
        }
      }
    }
    dropPrototypes(table.root)
    return table
  }
}

/**
 * Orders services by their paths alone, because gateways find them in different orders, also after a restart. Of
 * several placeholders that match a request, Feathers takes the one that was inserted first, and the id of a record is
 * such a placeholder. So declared paths come first, then a literal part before a placeholder, then the shorter path:
 * `todos` keeps its records, and the hooks that guard them, when a peer offers `todos/:x`.
 */
export function inPrecedence (services: readonly RemoteRoute[], declared: ReadonlySet<string>): RemoteRoute[] {
  const keyed = services.map(route => ({ route, key: precedenceOf(route.path, declared) }))
  return keyed.sort((one, other) => one.key < other.key ? -1 : 1).map(({ route }) => route)
}

/** A sort key for a path: a digit for the kind of each part, then the path itself. */
function precedenceOf (path: string, declared: ReadonlySet<string>): string {
  const parts = path.split('/').map(part => part.startsWith(':') ? 1 : 0)
  return `${declared.has(path) ? 0 : 1}${parts.join('')} ${path}`
}
