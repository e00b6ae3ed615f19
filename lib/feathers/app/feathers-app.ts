import type { Application, FeathersService, HookOptions, ServiceMixin, ServiceOptions } from '@feathersjs/feathers'
import { Feathers } from '@feathersjs/feathers'

/** Handlers of Express or Koa. Only those frameworks know their parameters. */
export type Middleware = (...args: never[]) => unknown

/** What Express or Koa runs around a remote service: `middlewares` of feathers-distributed. */
export interface Middlewares {
  /** Runs before the service is called. */
  readonly before?: Middleware | readonly Middleware[]
  /** Runs after the service has answered. */
  readonly after?: Middleware | readonly Middleware[]
}

/** Hooks of remote services, whose methods may have any name. */
export type RemoteServiceHooks = HookOptions<Application, Record<string, unknown>>

/** The property under which @feathersjs/hooks keeps the hook manager of a method or an object. */
export const HOOKS = Symbol.for('@feathersjs/hooks')

/** A method of a service, whatever its parameters are. */
export type ServiceMethod = (this: unknown, ...args: unknown[]) => unknown

/** The methods of a service by name, with the type that the reader needs. */
export type MethodsOf<M> = Readonly<Record<string, M>>

/** The services of an app by path, in the order of their registration. */
export type ServicesByPath = Record<string, FeathersService>

/**
 * The table in which an app keeps its services. Feathers asks for `app.service(path)` instead, which throws, or makes a
 * service, where there is none.
 */
export function servicesOf (app: Application): ServicesByPath {
  return app.services
}

/** The service on a path, or undefined. */
export function findService (app: Application, path: string): FeathersService | undefined {
  const services = servicesOf(app)
  return Object.hasOwn(services, path) ? services[path] : undefined
}

/**
 * The methods of a service by name. Feathers' own type knows the standard ones only; contracts, clients and hooks name
 * others.
 */
export function methodsOf<M> (service: object): MethodsOf<M> {
  return service as MethodsOf<M>
}

/** A service as functions want it that take one of this very app: Feathers has two types for it. */
export function ofApp (service: FeathersService): FeathersService<Application> {
  return service as FeathersService<Application>
}

/** `use` for any app and service, whose types are unknown here. */
type Use = (this: Application, path: string, service: object, options: ServiceOptions) => void

/**
 * Registers a service on an app. Goes by Feathers' own `use`, because that of Express takes a service without one of
 * the six standard methods for a middleware.
 */
export function useService (app: Application, path: string, service: object, options: ServiceOptions): void {
  const use: Use = Feathers.prototype.use
  use.call(app, path, service, options)
}

/** Marks a service that reports health, also one that another copy of this package registered. */
export const HEALTH = Symbol.for('feathers-mesh:health')

/** Whether a service on this app stands for one of other nodes. feathers-distributed marks them in the same way. */
export function isRemote (service: object): boolean {
  return 'remote' in service && service.remote === true
}

/** Whether a service reports the health of a mesh, on whatever path. */
export function isHealthService (service: object): boolean {
  return HEALTH in service && service[HEALTH] === true
}

/** Marks a mixin that does nothing with services of other nodes, also one of another copy of this package. */
const INDIFFERENT = Symbol.for('feathers-mesh:indifferent')

/** Adds a mixin to an app that does nothing with services of other nodes. */
export function followServices (app: Application, mixin: ServiceMixin<Application>): void {
  app.mixins.push(Object.assign(mixin, { [INDIFFERENT]: true }))
}

/** Whether a mixin does nothing with services of other nodes. */
export function isIndifferent (mixin: object): boolean {
  return INDIFFERENT in mixin
}
