import type { Application } from '@feathersjs/feathers'
import type { ValidatorOptions } from 'class-validator'
import type { DependencyContainer } from 'tsyringe'
import type { ServiceDescriptor } from '../contract/descriptor'
import type { Class } from '../decorators/metadata'
import { flag, object, withMethods } from '../option-table/kinds'
import type { ValueOf } from '../option-table/option'
import { COMMON_OPTIONS } from './common-options'
import { classList, neededRemotes, services } from './option-kinds'
import type { RemoteOfKey } from './remote-paths'

/** What `services` of `forRoot` takes. */
type OfferedServices = ReadonlyArray<Class | string> | ((service: ServiceDescriptor) => boolean)

/** The options of `DistributedModule.forRoot()`. */
export const MODULE_OPTIONS = {
  /** The app of this node: plain, Express or Koa. @default a new Feathers app */
  app: withMethods<Application>('a Feathers app', 'use', 'service', 'hooks', 'setup'),
  /** The tsyringe container that builds services. @default a child of the global one */
  container: withMethods<DependencyContainer>('a tsyringe container', 'resolve', 'register', 'createChildContainer'),
  /**
   * What this node offers, and nothing else: decorated classes, which it hosts, and the paths of plain services
   * of the app. A function chooses among the plain ones.
   * @default all plain services of the app
   */
  services: services<OfferedServices>(),
  /**
   * Injectable classes with methods that listen to events (`@OnRemoteEvent`), which this node builds. The services
   * whose events they hear are needed as those of `remotes` are. Classes of `services` that have such methods listen
   * without being listed. @default none
   */
  listeners: classList<readonly Class[]>(),
  /**
   * Services of other nodes that this one needs: classes, or paths. They stay on the app while nobody hosts them, and
   * calls wait for a host; `start()` waits for all of them, and without them the node is not healthy. Of nodes of
   * several keys that offer one path, those that came first get the calls; `{ path: 'todos', key: 'office' }` names the
   * key whose nodes get them, and others don't. @default none
   */
  remotes: neededRemotes<ReadonlyArray<Class | string | RemoteOfKey>>(),
  /** Options of class-validator for the classes of `services`, where they have none. @default class-validator's */
  validation: object<ValidatorOptions>(),
  /**
   * Whether data that nothing checks is refused at start: of a type that is no class at run time, or of a class without
   * rules. `@DistributedMethod({ data: Object })` marks one method as deliberately unchecked. When false, a warning
   * appears instead. @default false
   */
  strictValidation: flag.or(false),
  /**
   * Whether remotes of classes (`remote(TodoService)`, `@InjectRemote(TodoService)`) check their arguments before they
   * send them, to save a round trip; the host checks them anyway. @default false
   */
  validateAtCaller: flag.or(false),
  /**
   * Whether replicas whose contract differs from that of a class of this node (`remotes: [TodoService]`,
   * `remote(TodoService)`, `@InjectRemote(TodoService)`) get no calls from it. When false, a warning appears instead.
   * @default false
   */
  strictContracts: flag.or(false),
  /**
   * Allows addresses beyond this machine without a secret or certificates: anybody there can call and listen.
   * @default false
   */
  insecure: flag.or(false),
  ...COMMON_OPTIONS
}

/** The options of `DistributedModule.forRoot()`. */
// Mapped here, not by OptionsOf: so messages of the compiler name it instead of its table.
export type DistributedModuleOptions = { [Name in keyof typeof MODULE_OPTIONS]?: ValueOf<typeof MODULE_OPTIONS[Name]> }
