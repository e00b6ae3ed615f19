import type { ValidatorOptions } from 'class-validator'
import type { Class } from '../decorators/metadata'
import { getMembers } from '../decorators/metadata'
import { argumentRules, type ArgumentRules } from '../validation/argument-rules'
import { isOwnClass } from '../validation/class-types'
import type { Contract } from '../contract/contract'
import { defineClass } from './from-class'
import { resultClass } from '../validation/method-classes'

/** The method whose result each standard event carries. */
const EVENTS_OF_METHODS = { create: 'created', update: 'updated', patch: 'patched', remove: 'removed' } as const

/** The classes of the values of a service's methods and events, for callers that hold its class. */
export interface ClassShapes {
  /** The class of the service. */
  readonly target: Class
  readonly contract: Contract
  /** The rules for arguments, by method. */
  readonly rules: ReadonlyMap<string, ArgumentRules>
  /** The classes of results, by method. */
  readonly results: ReadonlyMap<string, Class<object>>
  /** The classes of payloads, by event. */
  readonly payloads: ReadonlyMap<string, Class<object>>
}

/** Reads what callers need of a class. @param defaults - options of class-validator of the node */
export function shapesOf (target: Class, defaults?: ValidatorOptions): ClassShapes {
  const { contract, methods } = defineClass(target)
  const rules = new Map<string, ArgumentRules>()
  const results = new Map<string, Class<object>>()
  const payloads = new Map<string, Class<object>>()
  for (const [name, options] of methods) {
    const ownRules = argumentRules(target, name, options, defaults)
    if (ownRules !== undefined) rules.set(name, ownRules)
    const result = resultClass(target, name, options)
    if (result !== undefined) results.set(name, result)
  }
  for (const [method, event] of Object.entries(EVENTS_OF_METHODS)) {
    const result = results.get(method)
    if (result !== undefined) payloads.set(event, result)
  }
  for (const { name, decorator, options: { payload } } of getMembers(target)) {
    if (decorator === 'DistributedEvent' && isOwnClass(payload)) payloads.set(String(name), payload)
  }
  return { target, contract, rules, results, payloads }
}
