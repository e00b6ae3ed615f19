import type { Class } from '../../decorators/metadata'
import { planOf } from '../class-plan'
import { isNestedEach } from '../class-types'
import { isCollection, isListClass, isMapClass, isSetClass } from '../data-kinds'
import { isSingle } from '../nested-values'

/** What a property with `@ValidateNested()` holds: one object, or objects in one of these. */
export type NestedShape = 'object' | 'list' | 'Set' | 'Map' | 'list, a Set or a Map'

/** What a property holds, by its declared type and by `each`. */
export function nestedShape (target: Class<object>, name: string): NestedShape {
  const declared: unknown = planOf(target).type(name)?.reflectedType
  if (isListClass(declared)) return 'list'
  if (isSetClass(declared)) return 'Set'
  if (isMapClass(declared)) return 'Map'
  if (isSingle(target, name)) return 'object'
  // One object or a list may both be meant where nothing says `each`.
  return isNestedEach(target, name) ? 'list, a Set or a Map' : 'object'
}

/** Whether a value has that shape, whatever its items are. */
export function hasShape (value: unknown, shape: NestedShape): boolean {
  switch (shape) {
    case 'object': return isObject(value)
    case 'list': return Array.isArray(value)
    case 'Set': return value instanceof Set
    case 'Map': return value instanceof Map
    default: return isCollection(value)
  }
}

/** Whether a value can be an instance with rules: an object, and none that holds others. */
export function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isCollection(value)
}
