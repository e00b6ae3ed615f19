import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '@feathersjs/feathers'
import { findService, isRemote } from '../app/feathers-app'
import { AdapterRoutes, PROBE } from '../routes/adapter-routes'
import { answerTo, probeHeaders, probeOf, probePaths, writeAnswer, type ProbeSource } from './probes'

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** The part of an app of Express that is used here. */
interface ExpressApp {
  get (path: string, handler: Handler): unknown
}

/** The part of a context of Koa that is used here. */
interface KoaContext {
  readonly req: IncomingMessage
  status: number
  body: unknown
  set (headers: Readonly<Record<string, string>>): void
}

/** The part of an app of Koa that is used here. */
interface KoaApp {
  readonly middleware: unknown[]
}

/**
 * Answers the probes on an app of Express or Koa, where the app itself has no such route or service. Paths of services
 * of other nodes take nothing away from them.
 */
export function routeProbes (app: Application, source: ProbeSource): void {
  if (probePaths(source).length === 0) return
  const routes = new AdapterRoutes(app)
  const isOurs = (path: string): boolean => !hasRoute(app, routes, path)
  if (isExpress(app)) routeOnExpress(app, source, isOurs)
  else if (isKoa(app)) routeOnKoa(app, source, isOurs)
}

function hasRoute (app: Application, routes: AdapterRoutes, path: string): boolean {
  const service = findService(app, path.slice(1))
  // A route of a placeholder, such as `/:page`, does not name the probe.
  return (service !== undefined && !isRemote(service)) || routes.match(path, { probes: false }) === path
}

function routeOnExpress (app: ExpressApp, source: ProbeSource, isOurs: (path: string) => boolean): void {
  for (const path of probePaths(source)) {
    const handler: Handler = (_request, response, next) => {
      // Express takes the path of a mount off the URL, and the app's own rules for paths apply.
      if (isOurs(path)) writeAnswer(response, answerTo(path, source))
      else next()
    }
    app.get(path, Object.assign(handler, { [PROBE]: true }))
  }
}

function routeOnKoa (app: KoaApp, source: ProbeSource, isOurs: (path: string) => boolean): void {
  const handler = async (context: KoaContext, next: () => Promise<void>): Promise<void> => {
    const path = probeOf(context.req, source)
    if (path === undefined || !isOurs(path)) return await next()
    const answer = answerTo(path, source)
    context.set(probeHeaders(answer))
    context.status = answer.status
    context.body = answer.body
  }
  // For whoever looks for routes, it is one of a router.
  const stack = probePaths(source)
    .map(path => ({ path, methods: ['HEAD', 'GET'], match: (asked: string) => asked === path }))
  app.middleware.push(Object.assign(handler, { [PROBE]: true, router: { stack } }))
}

/** Whether an app speaks HTTP. */
export function hasHttp (app: Application): boolean {
  return isExpress(app) || isKoa(app)
}

/** Only apps of Express are functions, whatever their type says. */
function isExpress (app: unknown): app is ExpressApp {
  return typeof app === 'function'
}

function isKoa (app: object): app is KoaApp {
  return 'middleware' in app && Array.isArray(app.middleware)
}
