import type { Application, FeathersService, HookOptions, ServiceOptions } from '@feathersjs/feathers'
import { Feathers } from '@feathersjs/feathers'

/** Handlers of Express or Koa, which only those know. */
export type Middleware = (...args: never[]) => unknown

/** What the framework's adapter runs around a service: `middlewares` of feathers-distributed. */
export interface Middlewares {
  readonly before?: Middleware | readonly Middleware[]
  readonly after?: Middleware | readonly Middleware[]
}

/** Hooks of remote services, whose methods may have any name. */
export type RemoteServiceHooks = HookOptions<Application, Record<string, unknown>>

/** `use` for any app and service, whose types are not known here. */
type Use = (this: Application, path: string, service: object, options: ServiceOptions) => void

/**
 * Registers a service on an app. Feathers' own `use` does it, as that of Express takes a service without
 * one of the six standard methods for a middleware.
 */
export function useService (app: Application, path: string, service: object, options: ServiceOptions): void {
  const use = Feathers.prototype.use as Use
  use.call(app, path, service, options)
}

/** The service on a path, or undefined; `app.service` would throw or make one. */
export function findService (app: Application, path: string): FeathersService | undefined {
  return Object.hasOwn(app.services as object, path) ? app.service(path) : undefined
}
