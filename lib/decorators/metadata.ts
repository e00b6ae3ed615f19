import 'reflect-metadata'
import type { ValidatorOptions } from 'class-validator'
import type { Allow } from '../contract/access'
import type { DurableListenerOptions, ListenerOptions } from './listener-options'
import type { MethodPolicy } from '../contract/method-policy'

/** A class whose instances are `T`. */
// Parameters of the type `never` accept every constructor.
export type Class<T = unknown> = abstract new (...args: never[]) => T

/** The policy of a method as its author sets it; what is left out has the defaults of the policy. */
type MethodPolicyOptions = { -readonly [K in keyof MethodPolicy]?: MethodPolicy[K] }

/** Options of one distributed method. */
export interface DistributedMethodOptions extends MethodPolicyOptions {
  /**
   * The class of `data`: the hosting node makes an instance of it, which class-validator checks. A list of such data is
   * accepted where the parameter is not declared as this class. `Object` passes data unchanged.
   * @default the declared type of the parameter, where the compiler emits it
   */
  data?: Class<object>
  /**
   * Which nodes may call it: a list of their keys, or a function. Others get Forbidden, before anything runs.
   * @default the `allow` of the class
   */
  allow?: Allow
  /**
   * The type of `id`: `Number` and `String` convert it, as over REST every id is a string; for a class, the rules
   * of its property `id` apply. Any other value is rejected, and so is null.
   * @default none: the id is passed unchanged
   */
  id?: Class<object>
  /**
   * The class of `params.query`, which becomes an instance and is checked like data.
   * @default none: the query is passed unchanged
   */
  query?: Class<object>
  /**
   * The class of the result, or of the items of a list or of a page: callers that hold the class of the service get
   * instances of it.
   * @default the declared return type, where it is a class and no promise
   */
  result?: Class<object>
  /**
   * Options of class-validator for the arguments. They take precedence over those of the class.
   * @default those of the class
   */
  validation?: ValidatorOptions
}

/** Options of one distributed event. */
export interface DistributedEventOptions {
  /**
   * The class of the payload, or of the items of a list: listeners that hold the class of the service get instances
   * of it.
   * @default none: they get the payload unchanged
   */
  payload?: Class<object>
  /**
   * Which nodes receive it: a list of their keys, or a function.
   * @default the `allow` of the class
   */
  allow?: Allow
  /**
   * Whether it is kept until each durable group has handled it; the member is a `DurableEvent` then, whose `emit()`
   * gives a promise. The transport has to keep events: NATS with JetStream does, and so does a `MemoryNetwork`.
   * @default false
   */
  durable?: boolean
}

/** What a method that listens may say of the payload. */
interface PayloadOption {
  /**
   * The class of the payload, or of the items of a list: the method gets instances of it, checked like data.
   * @default the declared type of the parameter, or else the class that the event names as its `payload`
   */
  readonly payload?: Class<object>
}

/** Options of a method that listens to an event of a service. */
export interface RemoteEventOptions extends ListenerOptions, PayloadOption {}

/** The same for a method that is a member of a durable group. */
export interface DurableRemoteEventOptions extends DurableListenerOptions, PayloadOption {}

/** Options of a distributed class. */
export interface DistributedOptions {
  /** Where the service is registered on the app, and its name on the mesh. */
  path: string
  /** Methods that can't be decorated, by name: a list, or an object with their options. */
  methods?: readonly string[] | Readonly<Record<string, DistributedMethodOptions>>
  /** Custom events that can't be decorated, by name. */
  events?: readonly string[]
  /** The version of the contract: callers that hold the class in another version get a warning. @default none */
  version?: string
  /** Options of class-validator for the arguments of all methods. @default those of `forRoot` */
  validation?: ValidatorOptions
  /**
   * Default `allow` for methods and events without their own: a list of keys of nodes, or a function.
   * @default all nodes
   */
  allow?: Allow
}

/** The kinds of members that a decorator can be put on. */
export type MemberKind = 'method' | 'accessor' | 'property' | 'static member'

/** What one member decorator recorded. */
export interface MemberMetadata {
  readonly name: string | symbol
  readonly decorator: 'DistributedMethod' | 'DistributedEvent'
  readonly kind: MemberKind
  readonly options: DistributedMethodOptions & DistributedEventOptions
}

/** What `@OnRemoteEvent` recorded: a method that listens to an event of a service. */
export interface ListenerMetadata {
  readonly name: string | symbol
  readonly kind: MemberKind
  /** The class of the service, or its path. */
  readonly service: Class | string
  readonly event: string
  readonly options: RemoteEventOptions | DurableRemoteEventOptions
}

/** What a decorator was put on. Calls from JavaScript may put it where the types don't allow it. */
export function memberKind (target: object, descriptor: PropertyDescriptor | undefined): MemberKind {
  if (typeof target === 'function') return 'static member'
  if (descriptor === undefined) return 'property'
  return typeof descriptor.value === 'function' ? 'method' : 'accessor'
}

const SERVICE = Symbol.for('feathers-mesh:service')
const MEMBERS = Symbol.for('feathers-mesh:members')
const LISTENERS = Symbol.for('feathers-mesh:listeners')

/** Records the options of `@Distributed` on the class itself. */
export function setServiceOptions (target: Class, options: Partial<DistributedOptions>): void {
  Reflect.defineMetadata(SERVICE, options, target)
}

/** The options of `@Distributed`; a class overrides its bases. */
export function getServiceOptions (target: Class): DistributedOptions | undefined {
  const found = basesFirst(target)
    .map(base => ownMetadata<DistributedOptions>(SERVICE, base))
    .filter(options => options !== undefined)
  const [first] = found
  return first === undefined ? undefined : Object.assign({ ...first }, ...found)
}

/** Records a member decorator on its own class; what a base class recorded stays as it is. */
export function addMember (target: object, member: MemberMetadata): void {
  const owner = typeof target === 'function' ? target : target.constructor
  Reflect.defineMetadata(MEMBERS, [...ownMetadata<readonly MemberMetadata[]>(MEMBERS, owner) ?? [], member], owner)
}

/** All decorated members; a subclass's decorators replace those of the members that it overrides. */
export function getMembers (target: Class): MemberMetadata[] {
  const members = new Map<string | symbol, MemberMetadata>()
  for (const base of basesFirst(target)) {
    for (const member of ownMetadata<readonly MemberMetadata[]>(MEMBERS, base) ?? []) {
      const inherited = members.get(member.name)
      members.set(member.name, { ...member, options: { ...inherited?.options, ...member.options } })
    }
  }
  return [...members.values()]
}

/** Records a method that listens to an event, on its own class. */
export function addListener (target: object, listener: ListenerMetadata): void {
  const owner = typeof target === 'function' ? target : target.constructor
  const own = ownMetadata<readonly ListenerMetadata[]>(LISTENERS, owner) ?? []
  Reflect.defineMetadata(LISTENERS, [...own, listener], owner)
}

/** All methods that listen to events; the decorators of a subclass replace those of the methods that it overrides. */
export function getListeners (target: Class): ListenerMetadata[] {
  const byName = new Map<string | symbol, ListenerMetadata[]>()
  for (const base of basesFirst(target)) {
    const own = ownMetadata<readonly ListenerMetadata[]>(LISTENERS, base) ?? []
    for (const name of new Set(own.map(each => each.name))) byName.set(name, own.filter(each => each.name === name))
  }
  return [...byName.values()].flat()
}

/** What this file recorded on a class itself. reflect-metadata gives `any`; under our own keys there is only this. */
function ownMetadata<T> (key: symbol, target: object): T | undefined {
  return Reflect.getOwnMetadata(key, target)
}

/** The parameter types that `emitDecoratorMetadata` recorded; undefined if the toolchain emits none. */
export function getParameterTypes (target: Class, method: string): readonly unknown[] | undefined {
  return Reflect.getMetadata('design:paramtypes', target.prototype, method)
}

/** The return type that `emitDecoratorMetadata` recorded: for an async method it is Promise. */
export function getReturnType (target: Class, method: string): unknown {
  return Reflect.getMetadata('design:returntype', target.prototype, method)
}

/** A class and its bases, the nearest one first. */
export function classChain (target: Class): Class[] {
  const chain: Class[] = []
  let base: unknown = target
  while (isFunction(base) && base !== Function.prototype) {
    chain.push(base)
    base = Object.getPrototypeOf(base)
  }
  return chain
}

/** What a class extends is a class, too. */
function isFunction (value: unknown): value is Class {
  return typeof value === 'function'
}

function basesFirst (target: Class): Class[] {
  return classChain(target).reverse()
}

/** Where tsyringe's `@inject` keeps the tokens of a constructor; it reads them from the class itself only. */
const INJECTIONS = 'injectionTokens'

/** Gives a class the injections of its base, unless it has parameters of its own. */
export function inheritInjections (target: Class): void {
  const inherited: unknown = Reflect.getMetadata(INJECTIONS, target)
  if (inherited === undefined || Reflect.hasOwnMetadata('design:paramtypes', target)) return
  if (!Reflect.hasOwnMetadata(INJECTIONS, target)) Reflect.defineMetadata(INJECTIONS, inherited, target)
}

/** What the decorators and the compiler recorded about a constructor's parameters. */
export interface Injections {
  /** The types that the compiler recorded; undefined if it recorded none. */
  readonly types: readonly unknown[] | undefined
  /** Which parameters have an `@inject()`. */
  readonly tokens: readonly number[]
  /** Whether `@Distributed` made the class injectable. */
  readonly isService: boolean
}

/** Reads the parameters of the constructor of a class; one without a constructor has that of its base. */
export function injectionsOf (target: Class): Injections {
  return {
    types: Reflect.getMetadata('design:paramtypes', target),
    tokens: Object.keys(Reflect.getMetadata(INJECTIONS, target) ?? {}).map(Number),
    isService: getServiceOptions(target) !== undefined
  }
}
