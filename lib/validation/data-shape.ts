import { digest } from '../contract/contract-hash'
import type { Class } from '../decorators/metadata'
import { planOf } from './class-plan'
import { hasRules, isOwnClass } from './class-types'
import { declaredRules } from './packages/class-validator'

/**
 * A text that is the same, in every process, for classes with the same rules of class-validator, whatever their names
 * and order; undefined for a class without rules. Messages make no difference, nor do functions, which differ in each
 * process.
 */
export function shapeOf (type: Class<object>): string | undefined {
  return hasRules(type) ? digest(rulesOf(type, [])) : undefined
}

/** The rules of each property, sorted. @param within - the classes that this one is nested in */
function rulesOf (type: Class<object>, within: ReadonlyArray<Class<object>>): unknown {
  if (within.includes(type)) return { sameAs: within.indexOf(type) }
  const properties: Record<string, string[]> = {}
  for (const metadata of declaredRules()?.getTargetValidationMetadatas(type, '', false, false) ?? []) {
    const { propertyName, type: kind, name, each, groups = [], always, validateIf, constraints } = metadata
    const flags = [each === true, always === true, validateIf !== undefined]
    const rule = [name ?? kind, flags, [...groups].sort(), stable(constraints)]
    const rules = properties[propertyName] ??= []
    rules.push(JSON.stringify(rule))
  }
  return Object.keys(properties).sort().map(property => [
    property, [...new Set(properties[property])].sort(), nestedRules(type, property, [...within, type])
  ])
}

/** The rules of the class that `@Type` names for a property; where it has none, its name if it is JavaScript's. */
function nestedRules (type: Class<object>, property: string, within: ReadonlyArray<Class<object>>): unknown {
  const plan = planOf(type)
  const subTypes = plan.type(property)?.options?.discriminator?.subTypes
    .map(({ name, value }) => [name, ofClass(value, within)])
  const own = plan.typeWithoutData(property)
  return subTypes === undefined ? ofClass(own, within) : [ofClass(own, within), subTypes]
}

function ofClass (type: unknown, within: ReadonlyArray<Class<object>>): unknown {
  if (typeof type !== 'function') return null
  if (hasRules(type)) return rulesOf(type, within)
  return isOwnClass(type) ? 'class' : type.name
}

/** How deep constraints are read: deeper ones may refer to themselves. */
const MAX_DEPTH = 6

/** The arguments of a rule as JSON writes them, with sorted keys, and without what differs from process to process. */
function stable (value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === 'function') return 'function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof RegExp || value instanceof Date) return String(value instanceof Date ? value.getTime() : value)
  if (depth === 0) return 'object'
  if (Array.isArray(value)) return value.map(item => stable(item, depth - 1))
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
  return entries.map(([key, item]) => [key, stable(item, depth - 1)])
}
