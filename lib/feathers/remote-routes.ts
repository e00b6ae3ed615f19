import type { FeathersService } from '@feathersjs/feathers'
import { Router, type LookupResult, type RouteNode } from '@feathersjs/transport-commons/lib/routing'
import { debug } from './debug'
import type { RouteData } from './own-routes'

/** Under which Feathers finds the id of a record. */
export const ID = ':__id'

/** Peers choose the paths, and a lookup goes as deep as they are. */
const MOST_PARTS = 100

/** A service of other nodes that is on the app. */
export interface RemoteRoute {
  readonly path: string
  readonly service: FeathersService
}

/** Feathers finds a service, and who looks for more its path. */
interface RemoteRouteData extends RouteData, RemoteRoute {
  readonly service: FeathersService
}

/**
 * The routes of the services of other nodes. They come and go with their hosts, so the table is made anew from those
 * that are there; nothing is ever taken out of it.
 */
export class RemoteRoutes {
  private table: Router<RemoteRouteData> | undefined

  /** @param services - what is on the app now, by path */
  constructor (private readonly services: () => Iterable<RemoteRoute>) {}

  /** Some service came or went. */
  changed (): void {
    this.table = undefined
  }

  lookup (path: string, caseSensitive: boolean): LookupResult<RemoteRouteData> | null {
    if (this.table?.caseSensitive !== caseSensitive) this.table = this.make(caseSensitive)
    return this.table.lookup(path)
  }

  private make (caseSensitive: boolean): Router<RemoteRouteData> {
    const table = new Router<RemoteRouteData>()
    table.caseSensitive = caseSensitive
    for (const { path, service } of this.services()) {
      if (path.split('/').length > MOST_PARTS) continue
      for (const route of [path, `${path}/${ID}`]) {
        try {
          table.insert(route, { service, path })
        } catch (error) {
          // Of two that claim one route the first has it, as peers may claim what they like.
          debug('remote route %s: %s', route, (error as Error).message)
        }
      }
    }
    forgetPrototypes(table.root)
    return table
  }
}

/** A part of a path may have the name of something that every object has. */
function forgetPrototypes (node: RouteNode): void {
  Object.setPrototypeOf(node.children, null)
  for (const child of [...Object.values(node.children), ...node.placeholders]) forgetPrototypes(child)
}
