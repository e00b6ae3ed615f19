import type { FeathersService } from '@feathersjs/feathers'
import { Router, type LookupResult, type RouteNode } from '@feathersjs/transport-commons/lib/routing'
import { debug } from '../debug'
import type { RouteData } from './own-routes'

/** Under which Feathers finds the id of a record. */
export const ID = ':__id'

/** Peers choose the paths, and a lookup goes as deep as they are. */
const MAX_PARTS = 100

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

  /**
   * @param services - what is on the app now, by path
   * @param declared - the paths that this node has named itself
   */
  constructor (
    private readonly services: () => Iterable<RemoteRoute>, private readonly declared: ReadonlySet<string> = new Set()
  ) {}

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
    const services = [...this.services()].filter(({ path }) => path.split('/').length <= MAX_PARTS)
    for (const { path, service } of inPrecedence(services, this.declared)) {
      for (const route of [path, `${path}/${ID}`]) {
        try {
          table.insert(route, { service, path })
        } catch (error) {
          // Of two that claim one route the one that precedes has it, as peers may claim what they like.
          debug('remote route %s: %s', route, (error as Error).message)
        }
      }
    }
    forgetPrototypes(table.root)
    return table
  }
}

/**
 * Orders services by their paths alone, as gateways find them in different orders, and each anew after a restart. Of
 * several placeholders that match a request, Feathers takes the one that was inserted first, and the id of a record is
 * one of them. So what this node has declared goes first, then a literal part before a placeholder, then the shorter
 * path: `todos` keeps its records, with the hooks that guard them, when a peer offers `todos/:x`.
 */
export function inPrecedence (services: readonly RemoteRoute[], declared: ReadonlySet<string>): RemoteRoute[] {
  const keyed = services.map(route => ({ route, key: precedenceOf(route.path, declared) }))
  return keyed.sort((one, other) => one.key < other.key ? -1 : 1).map(({ route }) => route)
}

/** What sorts a path as text: digits for what its parts are, then the path itself. */
function precedenceOf (path: string, declared: ReadonlySet<string>): string {
  const parts = path.split('/').map(part => part.startsWith(':') ? 1 : 0)
  return `${declared.has(path) ? 0 : 1}${parts.join('')} ${path}`
}

/** A part of a path may have the name of something that every object has. */
function forgetPrototypes (node: RouteNode): void {
  Object.setPrototypeOf(node.children, null)
  for (const child of [...Object.values(node.children), ...node.placeholders]) forgetPrototypes(child)
}
