import type { NodeLog } from '../log'
import { isYesOrNo, UserFunction } from '../user-function'
import type { Caller } from './contract'

/**
 * Which nodes may call methods and receive events: those with one of these keys, or those for which a function returns
 * `true`. The function gets the name of the method at each call, and the name of the event for each node that
 * subscribes.
 */
export type Allow = readonly string[] | ((caller: Caller, name: string) => boolean)

/** Whether a value is an {@link Allow}. */
export function isAllow (value: unknown): value is Allow {
  if (typeof value === 'function') return true
  return Array.isArray(value) && value.every(key => typeof key === 'string' && key !== '')
}

/** The `allow` of members of a service that have their own, by their names. */
export type MemberAccess = ReadonlyMap<string, Allow>

type AllowFunction = UserFunction<[caller: Caller, name: string], boolean>

const ALLOWED = {
  name: 'allow',
  isValid: isYesOrNo,
  expected: 'true or false',
  otherwise: false,
  consequence: 'which allows nothing'
}

/** Which nodes may call the methods of a service and receive its events. It never leaves the hosting node. */
export class Access {
  /** The functions among them. */
  private readonly functions = new Map<Allow, AllowFunction>()

  /**
   * @param service - for methods and events without their own; everybody without it
   * @param methods - of methods that have their own
   * @param events - of events that have their own
   * @param other - what has to permit it as well
   */
  constructor (
    private readonly service: Allow | undefined, private readonly methods: MemberAccess,
    private readonly events: MemberAccess = new Map(), private readonly other?: Access
  ) {}

  /** Whether a node may call a method. A function that throws, or returns anything but `true`, denies it. */
  permits (caller: Caller, method: string, log: NodeLog): boolean {
    const allow = this.methods.get(method) ?? this.service
    const isPermitted = allow === undefined || this.allows(allow, caller, method, log)
    return isPermitted && this.other?.permits(caller, method, log) !== false
  }

  /** Which nodes receive an event, by the same rules; undefined where all do. */
  audience (event: string, log: NodeLog): ((node: Caller) => boolean) | undefined {
    const allow = this.events.get(event) ?? this.service
    const others = this.other?.audience(event, log)
    if (allow === undefined) return others
    return node => this.allows(allow, node, event, log) && others?.(node) !== false
  }

  /** The access that permits what both permit. */
  and (other: Access | undefined): Access {
    if (other === undefined) return this
    return new Access(this.service, this.methods, this.events, this.other?.and(other) ?? other)
  }

  private allows (allow: Allow, caller: Caller, name: string, log: NodeLog): boolean {
    if (typeof allow !== 'function') return caller.key !== undefined && allow.includes(caller.key)
    return this.functionOf(allow).call(log, name, caller, name)
  }

  private functionOf (allow: Exclude<Allow, readonly string[]>): AllowFunction {
    let found = this.functions.get(allow)
    if (found === undefined) {
      found = new UserFunction(allow, ALLOWED)
      this.functions.set(allow, found)
    }
    return found
  }
}

/** What is wrong with an `allow` option. */
export function allowFaults (place: string, allow: unknown): string[] {
  if (allow === undefined || isAllow(allow)) return []
  return [`${place}: allow must be a list of keys, or a function of the caller and the name`]
}

/** The access by an option of a service; undefined without one. */
export function accessOfService (allow: unknown): Access | undefined {
  if (allow === undefined || allow === null) return undefined
  // Whatever an invalid value was meant to say, it closed something.
  return new Access(isAllow(allow) ? allow : [], new Map())
}

/** The access that permits what each of several permits; undefined where none says anything. */
export function accessOfAll (...accesses: ReadonlyArray<Access | undefined>): Access | undefined {
  return accesses.reduce((all, access) => all?.and(access) ?? access, undefined)
}

/** Why a durable event has no `allow`: the end of a sentence. */
export const DURABLE_FOR_ALL = 'a durable event has no allow, nor has its class or service, as whoever may read the ' +
  'store of events can read it; give the methods an allow of their own, and limit who may use the store'
