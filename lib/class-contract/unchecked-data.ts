import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getParameterTypes } from '../decorators/metadata'
import { hasRules, isOwnClass } from '../validation/class-types'
import { dataPosition } from '../validation/method-classes'

/** What the compiler leaves for interfaces, unions, lists and classes of an `import type`. */
const NO_CLASS: readonly unknown[] = [Object, Array]

const REMEDY = 'say it by hand: @DistributedMethod({ data: TheClass }), with Object for unchecked data'

/** A warning that names the methods whose data is not validated: its type is no class at run time, nor is one set. */
export function uncheckedData (target: Class, methods: ReadonlyMap<string, DistributedMethodOptions>): string[] {
  const names = [...methods].filter(([name, { data }]) =>
    data === undefined && NO_CLASS.includes(declaredType(target, name))).map(([name]) => name)
  if (names.length === 0) return []
  return [`${target.name}: the data of ${names.join(', ')} is not validated, as its type is no class at run time (an interface, ` +
    `a list, a union, or a class of an import type); ${REMEDY}`]
}

/** The faults of `strictValidation`: data that nothing checks, unless the author sets `data: Object`. */
export function strictFaults (target: Class, methods: ReadonlyMap<string, DistributedMethodOptions>): string[] {
  return [...methods].flatMap(([name, options]) => {
    const type = options.data ?? declaredType(target, name)
    if (type === undefined || options.data === Object || hasRules(type)) return []
    const place = `${target.name}#${name}: strictValidation is on, and`
    return isOwnClass(type)
      ? [`${place} ${type.name}, the class of data, has no rules of class-validator; give it some, or say Object by hand: ` +
        '@DistributedMethod({ data: Object })']
      : [`${place} the type of data is no class at run time (an interface, a list, a union, a primitive type, or a class of an ` +
        `import type); ${REMEDY}`]
  })
}

function declaredType (target: Class, name: string): unknown {
  return dataPosition(name) < 0 ? undefined : getParameterTypes(target, name)?.[dataPosition(name)]
}
