import type { Application, HookOptions, Service } from '@feathersjs/feathers'
import type { DependencyContainer } from 'tsyringe'
import type { Class } from '../decorators/metadata'
import type { Middlewares } from '../feathers/feathers-app'
import type { ServiceDescriptor } from '../registry/registry'
import type { CoteOptions } from '../transport/cote/cote-options'
import type { Transport } from '../transport/transport'

/** Chooses services: by their paths, or by a function of what is known of them. */
export type ServiceFilter = readonly string[] | ((service: ServiceDescriptor) => boolean)

/** The options of `DistributedModule.forRoot()`. */
export interface DistributedModuleOptions {
  /** The app of this node. @default a new Feathers app */
  app?: Application
  /** Builds the services and what they need. @default a child of tsyringe's container */
  container?: DependencyContainer
  /**
   * What this node offers: decorated classes, which it hosts, and the paths of plain services of the app.
   * Where no path is listed, all plain services are offered. A function chooses among the plain ones.
   */
  services?: ReadonlyArray<Class | string> | ((service: ServiceDescriptor) => boolean)
  /** Services of other nodes that `start()` waits for: classes, or paths. @default none */
  remotes?: ReadonlyArray<Class | string>
  /** Which services of other nodes are put on the app. @default all */
  remoteServices?: ServiceFilter
  /** The path on this app for a service of another node. @default its own path */
  remoteServicePath?: (service: ServiceDescriptor) => string
  /** Hooks of the services of other nodes on this app. */
  hooks?: HookOptions<Application, Service>
  /** Express or Koa middleware before and after the services of other nodes on this app. */
  middlewares?: Middlewares
  /** The partition of this node: nodes of one key are replicas of each other. @default 'default' */
  key?: string
  /** Time for one call in milliseconds. @default 20000 */
  timeout?: number
  /** Time in milliseconds that `stop()` gives to calls under way. @default 10000 */
  drainTimeout?: number
  /** How nodes reach each other. @default cote */
  transport?: Transport
  /** Options of the cote transport. */
  cote?: CoteOptions
  /** Allows addresses beyond this machine, where anybody can call and listen. @default false */
  insecure?: boolean
}

/** What is taken for options that are left out. */
export const DEFAULT_KEY = 'default'
export const DEFAULT_TIMEOUT = 20_000
export const DEFAULT_DRAIN_TIMEOUT = 10_000
