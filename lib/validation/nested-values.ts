import { SegmentedMap } from '../collections/segmented-map'
import type { Class } from '../decorators/metadata'
import { planOf } from './class-plan'
import { hasRules, isNestedEach, isOwnClass } from './class-types'
import { isCollection, isCollectionClass } from './data-kinds'
import { untypedFault } from './nested-types'

/** Whether a property with `@ValidateNested()` is declared as one instance of a class. */
export function isSingle (target: Class<object>, name: string): boolean {
  const declared: unknown = planOf(target).type(name)?.reflectedType
  // A union, be it with null only, is an Object to the compiler: then `each` tells a list.
  if (declared === undefined || declared === Object) return !isNestedEach(target, name)
  return isOwnClass(declared) && !isCollectionClass(declared)
}

/** The values of properties with `@ValidateNested()`, each of which has to be of a class that has rules. */
export class NestedValues {
  /** Lists in them as well; each once, as lists may share lists, or hold themselves. */
  private readonly seen = new SegmentedMap<object, true>()
  private readonly open: Array<readonly [items: Iterator<unknown>, target: Class<object>, name: string]> = []

  /** @throws TypeError for an object without known rules, which would pass unchecked */
  add (target: Class<object>, name: string, value: object): void {
    if (isCollection(value)) {
      if (this.seen.has(value)) return
      this.seen.add(value, true)
      this.open.push([value.values(), target, name])
    } else if (!hasRules(value.constructor)) throw new TypeError(untypedFault(target, name))
  }

  /** Looks at so many items of lists; returns whether none are left. */
  advance (steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const last = this.open.at(-1)
      if (last === undefined) return true
      const [items, target, name] = last
      const { done, value } = items.next()
      if (done === true) this.open.pop()
      else if (typeof value === 'object' && value !== null) this.add(target, name, value)
    }
    return false
  }

  /** Looks at none of those that are left. */
  abandon (): void {
    this.open.length = 0
  }
}
