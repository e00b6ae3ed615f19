import 'reflect-metadata'
import type { ValidatorOptions } from 'class-validator'
import type { Allow } from './allow'

/** A class whose instances are `T`. */
// `any` is what TypeScript asks for to accept every constructor, whatever its parameters.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Class<T = unknown> = abstract new (...args: any[]) => T

/** Options of one distributed method. */
export interface DistributedMethodOptions {
  /**
   * Whether a call may be repeated on another replica when its outcome is unknown.
   * @default true for `find` and `get`, false for all others
   */
  idempotent?: boolean
  /**
   * Time for one call, in milliseconds.
   * @default the module's `timeout`
   */
  timeout?: number
  /**
   * The class of `data`: on the hosting node it becomes an instance, which class-validator checks. A list of it is
   * taken where the parameter is not declared as this class. `Object` leaves data as it comes.
   * @default the declared type of the parameter, where the compiler emits it
   */
  data?: Class<object>
  /**
   * Which nodes may call it: a list of their keys, or a function. Others get Forbidden, before anything runs.
   * @default what the class says
   */
  allow?: Allow
  /**
   * What `id` is: `Number` and `String` convert it, as over REST every id is a string; a class says its rules at a
   * property `id`. Anything else is refused, and so is null.
   * @default none: it is taken as it comes
   */
  id?: Class<object>
  /**
   * The class of `params.query`, which becomes an instance and is checked like data.
   * @default none: it is taken as it comes
   */
  query?: Class<object>
  /**
   * The class of the result, or of the items of a list or of a page: callers that hold the class of the service get
   * instances of it.
   * @default the declared return type, where it is a class and no promise
   */
  result?: Class<object>
  /** Options of class-validator for the arguments; they go before those of the class. @default those of the class */
  validation?: ValidatorOptions
}

/** Options of one distributed event. */
export interface DistributedEventOptions {
  /**
   * The class of the payload, or of the items of a list: listeners that hold the class of the service get instances
   * of it.
   * @default none: they get it as it comes
   */
  payload?: Class<object>
  /**
   * Which nodes are told it: a list of their keys, or a function. Others hear nothing.
   * @default what the class says
   */
  allow?: Allow
}

/** Options of a distributed class. */
export interface DistributedOptions {
  /** Where the service is registered on the app, and what the mesh calls it. */
  path: string
  /** Methods that can't be decorated, by name: a list, or an object with their options. */
  methods?: readonly string[] | Readonly<Record<string, DistributedMethodOptions>>
  /** Custom events that can't be decorated, by name. */
  events?: readonly string[]
  /** The version of what the class offers: callers that hold it in another version are told. @default none */
  version?: string
  /** Options of class-validator for the arguments of all methods. @default those of `forRoot` */
  validation?: ValidatorOptions
  /**
   * Which nodes may call the methods, and are told the events, that say nothing themselves: a list of their keys, or a
   * function.
   * @default all
   */
  allow?: Allow
}

/** What a member decorator was found on. */
export type MemberKind = 'method' | 'accessor' | 'property' | 'static member'

/** What one member decorator left. */
export interface MemberMetadata {
  readonly name: string | symbol
  readonly decorator: 'DistributedMethod' | 'DistributedEvent'
  readonly kind: MemberKind
  readonly options: DistributedMethodOptions & DistributedEventOptions
}

/** What a decorator was put on, also where the call comes from JavaScript and the types don't hold. */
export function memberKind (target: object, descriptor: PropertyDescriptor | undefined): MemberKind {
  if (typeof target === 'function') return 'static member'
  if (descriptor === undefined) return 'property'
  return typeof descriptor.value === 'function' ? 'method' : 'accessor'
}

const SERVICE = Symbol.for('feathers-mesh:service')
const MEMBERS = Symbol.for('feathers-mesh:members')

/** Records the options of `@Distributed` on the class itself. */
export function setServiceOptions (target: Class, options: DistributedOptions): void {
  Reflect.defineMetadata(SERVICE, options, target)
}

/** The options of `@Distributed`, those of base classes below those of the class itself. */
export function getServiceOptions (target: Class): DistributedOptions | undefined {
  const own = chainOf(target).map(base => Reflect.getOwnMetadata(SERVICE, base) as DistributedOptions | undefined)
  const found = own.filter(options => options !== undefined)
  return found.length === 0 ? undefined : Object.assign({}, ...found) as DistributedOptions
}

/** Records a member decorator on its own class; what a base class recorded stays as it is. */
export function addMember (target: object, member: MemberMetadata): void {
  const owner = typeof target === 'function' ? target : target.constructor
  const own = (Reflect.getOwnMetadata(MEMBERS, owner) ?? []) as readonly MemberMetadata[]
  Reflect.defineMetadata(MEMBERS, [...own, member], owner)
}

/** All decorated members, a subclass's decorators taking the place of those that it overrides. */
export function getMembers (target: Class): MemberMetadata[] {
  const members = new Map<string | symbol, MemberMetadata>()
  for (const base of chainOf(target)) {
    for (const member of (Reflect.getOwnMetadata(MEMBERS, base) ?? []) as readonly MemberMetadata[]) {
      const inherited = members.get(member.name)
      members.set(member.name, { ...member, options: { ...inherited?.options, ...member.options } })
    }
  }
  return [...members.values()]
}

/** The parameter types that `emitDecoratorMetadata` left, undefined where the toolchain emits none. */
export function getParameterTypes (target: Class, method: string): readonly unknown[] | undefined {
  // The prototype is any object here: Reflect only needs it as a key.
  return Reflect.getMetadata('design:paramtypes', target.prototype as object, method) as unknown[] | undefined
}

/** The return type that `emitDecoratorMetadata` left: for an async method it is Promise. */
export function getReturnType (target: Class, method: string): unknown {
  // The prototype is any object here: Reflect only needs it as a key.
  return Reflect.getMetadata('design:returntype', target.prototype as object, method)
}

/** The class and its bases, the root first. */
function chainOf (target: Class): Class[] {
  const chain: Class[] = []
  let base: unknown = target
  while (typeof base === 'function' && base !== Function.prototype) {
    chain.unshift(base as Class)
    base = Object.getPrototypeOf(base)
  }
  return chain
}

/** Where tsyringe's `@inject` keeps the tokens of a constructor; it looks at the class itself only. */
const INJECTIONS = 'injectionTokens'

/** Gives a class the injections of its base, unless it has parameters of its own. */
export function inheritInjections (target: Class): void {
  const inherited: unknown = Reflect.getMetadata(INJECTIONS, target)
  if (inherited === undefined || Reflect.hasOwnMetadata('design:paramtypes', target)) return
  if (!Reflect.hasOwnMetadata(INJECTIONS, target)) Reflect.defineMetadata(INJECTIONS, inherited, target)
}

/** What is known of the parameters of a constructor. */
export interface Injections {
  /** The types that the compiler left; undefined where it left none. */
  readonly types: readonly unknown[] | undefined
  /** Which parameters have an `@inject()`. */
  readonly tokens: readonly number[]
  /** Whether `@Distributed` made the class injectable. */
  readonly isService: boolean
}

/** What decorators and compiler left of the constructor of a class; one without a constructor has that of its base. */
export function injectionsOf (target: Class): Injections {
  const tokens = (Reflect.getMetadata(INJECTIONS, target) ?? {}) as Readonly<Record<string, unknown>>
  return {
    types: Reflect.getMetadata('design:paramtypes', target) as unknown[] | undefined,
    tokens: Object.keys(tokens).map(Number),
    isService: getServiceOptions(target) !== undefined
  }
}
