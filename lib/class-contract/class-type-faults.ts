import type { Class } from '../decorators/metadata'
import { shapesOf } from './class-shapes'
import { isOwnClass } from '../validation/class-types'
import { nestedFaults } from '../validation/nested-types'

/** Why rules in the classes of a service's values would not be checked; each class is named once. */
export function classTypeFaults (target: Class): string[] {
  const { rules, results, payloads } = shapesOf(target)
  const seen = new Set<Class<object>>()
  const faults: string[] = []
  const look = (place: string, type: Class<object> | undefined): void => {
    if (!isOwnClass(type) || seen.has(type)) return
    seen.add(type)
    faults.push(...nestedFaults(`${target.name}#${place}`, type))
  }
  for (const [name, { data, id, query }] of rules) {
    for (const type of [data?.type, id, query]) look(name, type)
  }
  for (const values of [results, payloads]) {
    for (const [name, type] of values) look(name, type)
  }
  return faults
}
