import type { Application } from '@feathersjs/feathers'
import { fieldsOf } from '../../record'

/** A layer of a router of Express 4 or 5. */
interface ExpressLayer {
  readonly name?: string
  readonly path?: string
  /** Only for `app.get(…)` and the like. */
  readonly route?: { readonly path?: unknown, readonly stack?: unknown }
  readonly handle?: { readonly stack?: unknown }
  match (path: string): boolean | { readonly path: string }
}

/** A layer of koa-router or @koa/router. */
interface KoaLayer {
  readonly path?: unknown
  /** Empty for a middleware. */
  readonly methods?: readonly string[]
  match (path: string): boolean
}

/** A Koa middleware; that of a router carries the router. */
interface KoaMiddleware {
  readonly router?: { readonly stack?: unknown }
}

/** What Express and Koa keep on an app. It is private to them, so nothing of it is taken for granted. */
interface AdapterApp {
  readonly _router?: { readonly stack?: unknown }
  readonly router?: { readonly stack?: unknown }
  readonly handle?: unknown
  readonly middleware?: unknown
}

/** Where a router of Express is mounted. */
interface Mount {
  readonly place: string
  readonly depth: number
}

/** Paths that no route names. What matches all of them matches everything. */
const PROBES = ['', '/feathers-mesh-two', '/feathers-mesh-two/feathers-mesh-three']
  .map(rest => `/feathers-mesh-one${rest}`)

/** Marks the handlers of the probes of a node, also those of another copy of this package. */
export const PROBE = Symbol.for('feathers-mesh:probe')

/** How deep nested routers are searched; a router may contain itself. */
const MAX_DEPTH = 20

/** The routes of an app that only Express or a router of Koa knows. */
export class AdapterRoutes {
  private readonly fallbacks = new WeakMap<object, boolean>()
  private countsProbes = true

  constructor (private readonly app: Application) {}

  /**
   * The route that matches a path, as its author wrote it, for any HTTP method; undefined if there is none. A route
   * that matches every path, like the page of a single-page application, is a fallback and does not count.
   *
   * @param options - `probes`: whether the probes of the node count as routes of the app
   */
  match (path: string, { probes = true }: { readonly probes?: boolean } = {}): string | undefined {
    const app: AdapterApp = privatesOf(this.app)
    const stack = expressStack(app)
    // A plain app has neither, and is asked for each service that is found.
    if (stack === undefined && app.middleware === undefined) return undefined
    this.countsProbes = probes
    const url = `/${path.replace(/^\/+|\/+$/g, '')}`
    return this.ofExpress(stack, url, { place: '', depth: 0 }) ?? this.ofKoa(app.middleware, url)
  }

  private ofExpress (stack: unknown, path: string, mount: Mount): string | undefined {
    if (!Array.isArray(stack) || mount.depth > MAX_DEPTH) return undefined
    const layers: ExpressLayer[] = stack
    for (const layer of layers) {
      const taken = partOf(layer, path)
      const found = taken === undefined ? undefined : this.ofLayer(layer, { path, taken }, mount)
      if (found !== undefined) return found
    }
    return undefined
  }

  private ofLayer (
    layer: ExpressLayer, { path, taken }: { readonly path: string, readonly taken: string }, { place, depth }: Mount
  ): string | undefined {
    const { route, handle, name } = layer
    const matched = `${place}${taken}`
    if (route !== undefined) {
      if ((place === '' && this.isFallback(layer)) || this.isSkipped(firstHandler(route.stack))) return undefined
      return typeof route.path === 'string' ? `${place}${route.path}` : matched
    }
    // The routes of a mounted app can't be read here, so everything below its path counts as its own.
    if (name === 'mounted_app' && taken.length > 1) return matched
    const rest = path.slice(taken.length).replace(/^\/*/, '/')
    return this.ofExpress(handle?.stack, rest, { place: matched, depth: depth + 1 })
  }

  private ofKoa (middleware: unknown, path: string): string | undefined {
    if (!Array.isArray(middleware)) return undefined
    const middlewares: Array<KoaMiddleware | undefined> = middleware
    for (const each of middlewares) {
      const stack = each?.router?.stack
      if (!Array.isArray(stack) || this.isSkipped(each)) continue
      const layers: KoaLayer[] = stack
      const found = layers.find(layer =>
        (layer.methods?.length ?? 0) > 0 && partOf(layer, path) !== undefined && !this.isFallback(layer))
      if (found !== undefined) return typeof found.path === 'string' ? found.path : path
    }
    return undefined
  }

  private isSkipped (handler: unknown): boolean {
    return !this.countsProbes && typeof handler === 'function' && PROBE in handler
  }

  private isFallback (layer: ExpressLayer | KoaLayer): boolean {
    let isFallback = this.fallbacks.get(layer)
    if (isFallback === undefined) {
      isFallback = PROBES.every(path => partOf(layer, path) !== undefined)
      this.fallbacks.set(layer, isFallback)
    }
    return isFallback
  }
}

function firstHandler (stack: unknown): unknown {
  const [first]: unknown[] = Array.isArray(stack) ? stack : []
  return fieldsOf(first).handle
}

/** An app as Express or Koa made it. */
function privatesOf (app: object): AdapterApp {
  return app
}

function expressStack (app: AdapterApp): unknown {
  if (typeof app.handle !== 'function') return undefined
  try {
    // Express 4 throws for the name that Express 5 uses, as long as it has no router.
    return (app._router ?? app.router)?.stack
  } catch {
    return undefined
  }
}

/** The part of a path that a layer matches; undefined when it does not match. */
function partOf (layer: ExpressLayer | KoaLayer, path: string): string | undefined {
  try {
    const match = layer.match(path)
    if (typeof match === 'object') return match.path
    if (!match) return undefined
    return typeof layer.path === 'string' ? layer.path : ''
  } catch {
    // A path that can't be decoded matches nothing.
    return undefined
  }
}
