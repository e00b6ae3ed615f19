import type { Application } from '@feathersjs/feathers'

/** A layer of a router of Express 4 or 5. */
interface ExpressLayer {
  readonly name?: string
  readonly path?: string
  /** Said for `app.get(…)` and the like. */
  readonly route?: { readonly path?: unknown }
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

/** What Express and Koa keep. All of it is their own business, so none of it is taken for granted. */
interface AdapterApp {
  readonly _router?: { readonly stack?: unknown }
  readonly router?: { readonly stack?: unknown }
  readonly handle?: unknown
  readonly middleware?: unknown
}

/** Where a router of Express stands. */
interface Mount {
  readonly place: string
  readonly depth: number
}

/** Paths that nobody names. */
const UNHEARD_OF = ['', '/feathers-mesh-two', '/feathers-mesh-two/feathers-mesh-three']
  .map(rest => `/feathers-mesh-one${rest}`)

/** Routers may stand in one another without end. */
const MAX_ROUTERS = 20

/** The routes of an app that only Express, or a router of Koa, knows. */
export class AdapterRoutes {
  private readonly fallbacks = new WeakMap<object, boolean>()

  constructor (private readonly app: Application) {}

  /**
   * The route that matches a path, as its author wrote it, whatever the HTTP method; undefined if there is none. What
   * matches all paths there are, like the page of a single-page application, is a fallback and claims none of them.
   */
  match (path: string): string | undefined {
    const app = this.app as AdapterApp
    const url = `/${path.replace(/^\/+|\/+$/g, '')}`
    return this.ofExpress(expressStack(app), url, { place: '', depth: 0 }) ?? this.ofKoa(app.middleware, url)
  }

  private ofExpress (stack: unknown, path: string, mount: Mount): string | undefined {
    if (!Array.isArray(stack) || mount.depth > MAX_ROUTERS) return undefined
    for (const layer of stack as ExpressLayer[]) {
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
      if (place === '' && this.isFallback(layer)) return undefined
      return typeof route.path === 'string' ? `${place}${route.path}` : matched
    }
    // What an app that is mounted has can't be seen from here: all below its path is its own.
    if (name === 'mounted_app' && taken.length > 1) return matched
    const rest = path.slice(taken.length).replace(/^\/*/, '/')
    return this.ofExpress(handle?.stack, rest, { place: matched, depth: depth + 1 })
  }

  private ofKoa (middleware: unknown, path: string): string | undefined {
    if (!Array.isArray(middleware)) return undefined
    for (const each of middleware as Array<{ readonly router?: { readonly stack?: unknown } } | undefined>) {
      const stack = each?.router?.stack
      if (!Array.isArray(stack)) continue
      const found = (stack as KoaLayer[]).find(layer =>
        (layer.methods?.length ?? 0) > 0 && partOf(layer, path) !== undefined && !this.isFallback(layer))
      if (found !== undefined) return typeof found.path === 'string' ? found.path : path
    }
    return undefined
  }

  private isFallback (layer: ExpressLayer | KoaLayer): boolean {
    let isFallback = this.fallbacks.get(layer)
    if (isFallback === undefined) {
      isFallback = UNHEARD_OF.every(path => partOf(layer, path) !== undefined)
      this.fallbacks.set(layer, isFallback)
    }
    return isFallback
  }
}

function expressStack (app: AdapterApp): unknown {
  if (typeof app.handle !== 'function') return undefined
  try {
    // Express 4 throws for the name of Express 5 while it has no router.
    return (app._router ?? app.router)?.stack
  } catch {
    return undefined
  }
}

/** The part of a path that a layer takes; undefined when it does not match. */
function partOf (layer: ExpressLayer | KoaLayer, path: string): string | undefined {
  try {
    const match = layer.match(path)
    if (typeof match === 'object') return match.path
    if (!match) return undefined
    return typeof layer.path === 'string' ? layer.path : ''
  } catch {
    // What can't be decoded matches nothing.
    return undefined
  }
}
