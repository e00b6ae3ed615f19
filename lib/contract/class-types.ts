import { getMetadataStorage, ValidationTypes } from 'class-validator'
import type { Class } from '../decorators/metadata'

/** Whether class-validator has rules for a class. */
export function hasRules (target: unknown): target is Class<object> {
  // The storage wants the legacy type Function, which every class is.
  return typeof target === 'function' &&
    getMetadataStorage().getTargetValidationMetadatas(target, '', false, false).length > 0
}

/** Whether the rules of the class of a property are to be kept, too: `@ValidateNested()`. */
export function isNested (target: Class<object>, property: string): boolean {
  return nestedRules(target, property).length > 0
}

/** Whether those are for each item of a list: `@ValidateNested({ each: true })`. */
export function isNestedEach (target: Class<object>, property: string): boolean {
  return nestedRules(target, property).some(({ each }) => each)
}

function nestedRules (target: Class<object>, property: string): readonly { readonly each: boolean }[] {
  return getMetadataStorage().getTargetValidationMetadatas(target, '', false, false)
    .filter(({ propertyName, type }) => propertyName === property && type === ValidationTypes.NESTED_VALIDATION)
}

/**
 * Whether a type is a class of the program's own, of which instances can be made of plain data. What the compiler emits
 * for lists, unions, interfaces and primitive types is none: Array, Object, String and the like.
 */
export function isOwnClass (type: unknown): type is Class<object> {
  if (typeof type !== 'function' || typeof type.prototype !== 'object') return false
  return (globalThis as Record<string, unknown>)[type.name] !== type
}
