import { Access, allowFaults, DURABLE_FOR_ALL, type Allow, type MemberAccess } from '../contract/access'
import { isProtectedName } from '../contract/callable-name'
import {
  STANDARD_EVENTS, isShortText, isStandardMethod, type Contract, type MethodContract
} from '../contract/contract'
import { isReservedEvent } from '../contract/event-name'
import { durableOf } from '../contract/from-service'
import { policyOfMethod } from '../contract/method-policy'
import { pathFault, stripSlashes } from '../contract/path'
import type {
  Class, DistributedEventOptions, DistributedMethodOptions, DistributedOptions, MemberMetadata
} from '../decorators/metadata'
import { getMembers, getServiceOptions } from '../decorators/metadata'
import { validationFaults } from '../validation/validation-options'
import { methodFaults } from './method-options'
import { shapesOfMethod } from './method-shapes'
import { uncheckedData } from './unchecked-data'
import { unknownClassOptions, unknownEventOptions } from './unknown-options'

/** What a decorated class declares, or what is wrong with it. */
export interface ClassDefinition {
  readonly contract: Contract
  /** Which nodes may call it; all without it. */
  readonly access: Access | undefined
  /** The options of the methods, by their names; classes and functions among them never leave the node. */
  readonly methods: ReadonlyMap<string, DistributedMethodOptions>
  /** The members that hold a `ServiceEvent`. */
  readonly eventMembers: readonly string[]
  /** All events that the service emits itself. */
  readonly customEvents: readonly string[]
  /** What is wrong with it; empty when the class can be hosted. */
  readonly faults: readonly string[]
  /** What its author may not know; emitted once, when the class is hosted. */
  readonly warnings: readonly string[]
}

/** Reads the decorators of a class and its bases. */
export function defineClass (target: Class): ClassDefinition {
  const className = target.name || 'a class without name'
  const options = getServiceOptions(target)
  if (options === undefined) return refused(`${className} has no @Distributed; add @Distributed('path') above the class`)

  const path = typeof options.path === 'string' ? stripSlashes(options.path) : ''
  const members = getMembers(target)
  const methods = collectMethods(members, options.methods)
  const events = members.filter(member => member.decorator === 'DistributedEvent')
  const eventMembers = events.map(member => String(member.name))
  const customEvents = [...new Set([...eventMembers, ...options.events ?? []])]
  const faults = [
    ...pathFaults(className, path),
    ...unknownClassOptions(className, options),
    ...allowFaults(className, options.allow),
    ...versionFaults(className, options.version),
    ...validationFaults(className, options.validation),
    ...members.flatMap(member => misplaced(className, member)),
    ...[...methods].flatMap(([name, method]) => methodFaults(target, name, method)),
    ...methods.size === 0 ? [`${className} offers no method; decorate at least one with @DistributedMethod()`] : [],
    ...events.flatMap(({ name, options: given }) => eventOptionFaults(`${className}#${String(name)}`, given, options)),
    ...customEvents.flatMap(name => eventFaults(className, name, methods.has(name)))
  ]
  const methodContracts = [...methods].map(([name, method]) => methodContract(target, name, method))
  return {
    contract: {
      ...makeContract(path, methodContracts, customEvents, options.version),
      ...durableOf(customEvents, events.filter(each => each.options.durable === true).map(({ name }) => String(name)))
    },
    access: makeAccess(options.allow, methods, events),
    methods,
    eventMembers,
    customEvents,
    faults,
    warnings: uncheckedData(target, methods)
  }
}

function pathFaults (className: string, path: string): string[] {
  if (path === '') return [`${className}: @Distributed needs the path of the service, for example @Distributed('todos')`]
  const reason = pathFault(path)
  if (reason === undefined) return []
  return [`${className}: no service can be on the mesh at '${path}', as ${reason}; give it another path`]
}

function makeAccess (
  allow: Allow | undefined, methods: ReadonlyMap<string, DistributedMethodOptions>, events: readonly MemberMetadata[]
): Access | undefined {
  const ofMethods = memberAccess([...methods].map(([name, options]) => [name, options.allow]))
  const ofEvents = memberAccess(events.map(({ name, options }) => [String(name), options.allow]))
  const isOpen = allow === undefined && ofMethods.size === 0 && ofEvents.size === 0
  return isOpen ? undefined : new Access(allow, ofMethods, ofEvents)
}

/** The members that have an `allow` of their own. */
function memberAccess (members: ReadonlyArray<readonly [name: string, allow: Allow | undefined]>): MemberAccess {
  return new Map(members.flatMap(([name, allow]) => allow === undefined ? [] : [[name, allow] as const]))
}

function refused (fault: string): ClassDefinition {
  const contract = makeContract('', [], [])
  const access = undefined
  return { contract, access, methods: new Map(), eventMembers: [], customEvents: [], faults: [fault], warnings: [] }
}

function eventOptionFaults (place: string, options: DistributedEventOptions, ofClass: DistributedOptions): string[] {
  const { allow, durable } = options
  const isLimited = durable === true && (allow ?? ofClass.allow) !== undefined
  return [
    ...unknownEventOptions(place, options),
    ...allowFaults(place, allow),
    ...durable === undefined || typeof durable === 'boolean' ? [] : [`${place}: durable must be true or false`],
    ...isLimited ? [`${place}: ${DURABLE_FOR_ALL}`] : []
  ]
}

function versionFaults (className: string, version: unknown): string[] {
  if (version === undefined || isShortText(version)) return []
  return [`${className}: version must be a text of at most 100 letters, for example '1.2.0'`]
}

function eventFaults (className: string, name: string, isMethod: boolean): string[] {
  const isReserved = isProtectedName(name) || isReservedEvent(name)
  return [
    ...isMethod ? [`${className}#${name} is both a method and an event; rename one of them`] : [],
    ...isReserved ? [`${className}#${name}: '${name}' is protected by Feathers; rename the event`] : []
  ]
}

/** What is wrong with a decorator on a member that it can't decorate. */
function misplaced (className: string, member: MemberMetadata): string[] {
  const place = `${className}#${String(member.name)}: @${member.decorator}`
  if (typeof member.name === 'symbol') return [`${place} can't be on a symbol; callers use names, so give it one`]
  if (member.kind === 'static member') return [`${place} can't be on a static member; move it to the instance`]
  if (member.decorator === 'DistributedMethod' && member.kind !== 'method') {
    return [`${place} can't be on ${member.kind === 'accessor' ? 'an' : 'a'} ${member.kind}; write it as a method: async ${member.name} (…) { … }`]
  }
  if (member.decorator === 'DistributedEvent' && member.kind !== 'property') {
    return [`${place} can't be on ${member.kind === 'method' ? 'a method' : 'an accessor'}; ` +
      `declare it as a property: readonly ${member.name}!: ServiceEvent<Payload>`]
  }
  return []
}

function collectMethods (
  members: readonly MemberMetadata[],
  listed: readonly string[] | Readonly<Record<string, DistributedMethodOptions>> = []
): Map<string, DistributedMethodOptions> {
  const isList = (value: unknown): value is readonly string[] => Array.isArray(value)
  const methods = new Map<string, DistributedMethodOptions>(
    isList(listed) ? listed.map(name => [name, {}]) : Object.entries(listed)
  )
  for (const { decorator, kind, name, options } of members) {
    if (decorator !== 'DistributedMethod' || kind !== 'method' || typeof name === 'symbol') continue
    methods.set(name, { ...methods.get(name), ...options })
  }
  return methods
}

function methodContract (target: Class, name: string, options: DistributedMethodOptions): MethodContract {
  const shapes = shapesOfMethod(target, name, options)
  return { name, ...policyOfMethod(name, options), ...shapes === undefined ? {} : { shapes } }
}

function makeContract (
  path: string, methods: readonly MethodContract[], events: readonly string[], version?: string
): Contract {
  return {
    path,
    methods: [...methods].sort((a, b) => Number(isStandardMethod(b.name)) - Number(isStandardMethod(a.name))),
    events: [...new Set([...STANDARD_EVENTS, ...events])],
    ...version === undefined ? {} : { version }
  }
}
