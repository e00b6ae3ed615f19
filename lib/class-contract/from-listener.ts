import type { ValidatorOptions } from 'class-validator'
import { isStandardEvent } from '../contract/contract'
import { isReservedEvent } from '../contract/event-name'
import {
  durableSettings, listenerFaults, notDurableFault, type DurableSettings
} from '../decorators/listener-options'
import { nearestName } from '../contract/nearest-name'
import { pathFault } from '../contract/path'
import { getListeners, getParameterTypes, type Class, type ListenerMetadata } from '../decorators/metadata'
import { pathOf } from '../decorators/remote-injection'
import { ConfigurationError } from '../errors'
import { printablePart } from '../printable'
import { isText } from '../record'
import type { ArgumentRules } from '../validation/argument-rules'
import { isOwnClass } from '../validation/class-types'
import { mergeValidation } from '../validation/validation-options'
import { shapesOf } from './class-shapes'
import { defineClass } from './from-class'

const GAP = 'gap'

/** A method that listens to an event. */
export interface DefinedListener {
  readonly method: string
  /** The class of the service; undefined where its path was given. */
  readonly service: Class | undefined
  readonly path: string
  readonly event: string
  readonly group: string | undefined
  /** Undefined where it is a member of no durable group. */
  readonly durable: DurableSettings | undefined
  /** The rules for the payload; undefined where it stays as it comes. */
  readonly rules: ArgumentRules | undefined
}

/** The methods of a class that listen to events, or what is wrong with them. */
export interface ListenerDefinition {
  readonly listeners: readonly DefinedListener[]
  readonly faults: readonly string[]
}

/** Whether a class has methods that listen. */
export function hasListeners (target: Class): boolean {
  return getListeners(target).length > 0
}

/** Reads the decorators of a class that listens to events. @param defaults - options of class-validator of the node */
export function defineListeners (target: Class, defaults: ValidatorOptions | undefined): ListenerDefinition {
  const name = target.name || 'a class without name'
  const recorded = getListeners(target)
  if (recorded.length === 0) {
    return refused(`${name} is one of the listeners but has no @OnRemoteEvent; put it above the methods that listen`)
  }
  const listeners: DefinedListener[] = []
  const faults: string[] = []
  for (const each of recorded) {
    const place = `${name}#${String(each.name)}`
    const wrong = [...misplaced(place, each), ...serviceFaults(place, each)]
    if (wrong.length === 0) listeners.push(define(target, each, defaults))
    faults.push(...wrong)
  }
  return { listeners, faults: [...faults, ...repeated(name, listeners)] }
}

function refused (fault: string): ListenerDefinition {
  return { listeners: [], faults: [fault] }
}

function define (target: Class, recorded: ListenerMetadata, defaults: ValidatorOptions | undefined): DefinedListener {
  const { name, service, event, options } = recorded
  const method = String(name)
  const ofClass = typeof service === 'string' ? undefined : service
  const rules = event === GAP ? undefined : payloadRules(target, recorded, defaults)
  const durable = durableSettings(options)
  return { method, service: ofClass, path: pathOf(service), event, group: options.group, durable, rules }
}

/** The rules for a payload: of the class that the options name, else of the declared one, else of that of the event. */
function payloadRules (
  target: Class, { name, service, event, options: { payload } }: ListenerMetadata,
  defaults: ValidatorOptions | undefined
): ArgumentRules | undefined {
  const [declared] = getParameterTypes(target, String(name)) ?? []
  const ofEvent = typeof service === 'string' ? undefined : shapesOf(service).payloads.get(event)
  const type = [payload, declared, ofEvent].find(isOwnClass)
  if (type === undefined) return undefined
  // Feathers emits one event for each item of a list, but a service may emit a list itself.
  return { data: { type, takesList: type !== declared }, validation: mergeValidation(defaults, undefined, undefined) }
}

function misplaced (place: string, { name, kind }: ListenerMetadata): string[] {
  if (typeof name === 'symbol') return [`${place}: @OnRemoteEvent can't be on a symbol; give the method a name`]
  if (kind === 'method') return []
  return [`${place}: @OnRemoteEvent can't be on ${kind === 'accessor' ? 'an' : 'a'} ${kind}; put it on a method`]
}

function serviceFaults (place: string, { service, event, options }: ListenerMetadata): string[] {
  let path: string
  try {
    path = pathOf(service)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.faults.map(fault => `${place}: ${fault}`)
  }
  const fault = pathFault(path)
  if (fault !== undefined) return [`${place}: no service can be on the mesh at '${printablePart(path)}', as ${fault}`]
  const { payload, ...ofListener } = options
  const what = `${place}: '${printablePart(String(event))}' of '${printablePart(path)}'`
  const isClass = payload === undefined || isOwnClass(payload)
  return [
    ...eventFaults(place, service, event),
    ...isClass ? [] : [`${place}: payload must be a class of yours`],
    ...listenerFaults(what, event, ofListener),
    ...isKept(service, event, options.durable) ? [] : [notDurableFault(what, String(options.durable))]
  ]
}

/** Whether a durable group can exist. Of a path alone nobody knows so far, and standard events may be durable. */
function isKept (service: Class | string, event: string, durable: unknown): boolean {
  if (durable === undefined || typeof service === 'string' || isStandardEvent(event)) return true
  const { contract: { events, durableEvents = [] } } = defineClass(service)
  return durableEvents.includes(event) || !events.includes(event)
}

/** A path says nothing of its events; a class declares them. */
function eventFaults (place: string, service: Class | string, event: unknown): string[] {
  if (event === GAP) return []
  if (!isText(event) || isReservedEvent(event)) {
    return [`${place}: @OnRemoteEvent needs the name of an event that a service can have`]
  }
  if (typeof service === 'string') return []
  const { contract: { events } } = defineClass(service)
  if (events.includes(event)) return []
  const nearest = nearestName(event, events)
  return [`${place}: ${service.name} has no event '${printablePart(event)}'; ` +
    (nearest === undefined ? `it has ${events.join(', ')}` : `did you mean '${nearest}'?`)]
}

/** Methods that would share events by mistake, or get each one twice. */
function repeated (name: string, listeners: readonly DefinedListener[]): string[] {
  const byMethod = new Set<string>()
  const byGroup = new Map<string, string>()
  const faults: string[] = []
  for (const { method, path, event, durable, group = durable?.durable } of listeners) {
    const what = `'${event}' of '${printablePart(path)}'`
    const own = JSON.stringify([method, path, event])
    if (byMethod.has(own)) {
      faults.push(`${name}#${method} listens to ${what} twice, so it would get each event twice; name one group, or none`)
    }
    byMethod.add(own)
    const shared = JSON.stringify([path, event, group])
    const other = byGroup.get(shared)
    if (group !== undefined && other !== undefined && other !== method) {
      faults.push(`${name}#${other} and ${name}#${method} are both in the group '${group}' of ${what}, so each event ` +
        'would go to one of them only; give them groups of their own')
    }
    byGroup.set(shared, method)
  }
  return faults
}
