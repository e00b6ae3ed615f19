import type { Class } from '../decorators/metadata'
import { classValidator, declaredRules } from './packages/class-validator'

/** Whether a value can be a class; nothing tells a class from any other function. */
export function isClass (value: unknown): value is Class<object> {
  return typeof value === 'function'
}

/** Classes with rules: they keep them. */
const withRules = new WeakSet<object>()

/** Whether class-validator has rules for a class. */
export function hasRules (target: unknown): target is Class<object> {
  if (typeof target !== 'function') return false
  if (withRules.has(target)) return true
  // The storage wants the legacy type Function, which every class is.
  const rules = declaredRules()?.getTargetValidationMetadatas(target, '', false, false)
  const has = rules !== undefined && rules.length > 0
  if (has) withRules.add(target)
  return has
}

/** Whether a property is checked by the rules of its own class: `@ValidateNested()`. */
export function isNested (target: Class<object>, property: string): boolean {
  return nestedProperties(target).has(property)
}

/** Whether each item of a list is: `@ValidateNested({ each: true })`. */
export function isNestedEach (target: Class<object>, property: string): boolean {
  return nestedProperties(target).get(property) === true
}

const nested = new WeakMap<Class<object>, ReadonlyMap<string, boolean>>()

/** The properties with `@ValidateNested()`, and whether it is for each item. */
export function nestedProperties (target: Class<object>): ReadonlyMap<string, boolean> {
  const known = nested.get(target)
  if (known !== undefined) return known
  const properties = new Map<string, boolean>()
  const rules = declaredRules()?.getTargetValidationMetadatas(target, '', false, false) ?? []
  for (const { propertyName, type, each } of rules) {
    if (type !== classValidator().ValidationTypes.NESTED_VALIDATION) continue
    properties.set(propertyName, each || properties.get(propertyName) === true)
  }
  nested.set(target, properties)
  return properties
}

/**
 * Whether a type is a class of the program's own, of which instances can be made of plain data. What the compiler emits
 * for lists, unions, interfaces and primitive types is none: Array, Object, String and the like.
 */
export function isOwnClass (type: unknown): type is Class<object> {
  if (typeof type !== 'function' || typeof type.prototype !== 'object') return false
  return Reflect.get(globalThis, type.name) !== type
}
