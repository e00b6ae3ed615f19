import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getParameterTypes } from '../decorators/metadata'
import { allowFaults } from '../contract/access'
import { isCallableName, isProtectedName } from '../contract/callable-name'
import { hasRules, isOwnClass } from '../validation/class-types'
import { isStandardMethod, isTimeout } from '../contract/contract'
import { dataPosition, takesData } from '../validation/data-position'
import { validationFaults } from '../validation/validation-options'

/** Why remotes can have no method of this name. */
function nameFault (name: string): string | undefined {
  if (isProtectedName(name)) return `'${name}' is protected by Feathers and can't be called remotely`
  if (isCallableName(name)) return undefined
  return `remotes can't have a method '${name}': a name is letters, digits and _ behind a letter, ` +
    'and none that runtimes or the mesh itself look up on any service'
}

/** Everything that is wrong with one method of a class, with the member named and the remedy said. */
export function methodFaults (target: Class, name: string, options: DistributedMethodOptions): string[] {
  const place = `${target.name || 'a class without name'}#${name}`
  const fault = nameFault(name)
  if (fault !== undefined) return [`${place}: ${fault}; rename the method`]

  // A prototype is any object: what it holds is looked at before use.
  const method: unknown = (target.prototype as Record<string, unknown>)[name]
  if (typeof method !== 'function') {
    return [`${place} is listed in the methods of @Distributed but is not a method of the class; write it or take it off the list`]
  }
  const faults: string[] = []
  if (GENERATOR.test(Object.prototype.toString.call(method))) {
    faults.push(`${place} is a generator: it returns pieces, which is not supported over the mesh yet; return a list, a page, or emit events`)
  }
  if (!isStandardMethod(name) && method.length > 2) {
    faults.push(`${place} takes ${method.length} parameters, but a custom Feathers method is (data, params); put them into one data object`)
  }
  const { timeout } = options
  if (timeout !== undefined && !isTimeout(timeout)) {
    faults.push(`${place}: timeout is ${timeout}, but must be a number of milliseconds above 0`)
  }
  faults.push(...allowFaults(place, options.allow))
  if (takesData(name, method.length) && options.data === undefined && getParameterTypes(target, name) === undefined) {
    faults.push(
      `${place}: the compiler left no type for 'data', so it can't be validated; turn on emitDecoratorMetadata ` +
      '(tsc and swc have it; esbuild and tsx leave no types, nor does what builds on them), or say it by hand: ' +
      '@DistributedMethod({ data: TheClass }), with Object for unchecked data'
    )
  }
  return [...faults, ...classFaults(place, name, options), ...validationFaults(place, options.validation)]
}

const GENERATOR = /GeneratorFunction\]$/

const WITH_ID: readonly string[] = ['get', 'update', 'patch', 'remove']

/** What can't be the class of an argument or of the result: in a circle of imports it may be undefined. */
function classFaults (place: string, name: string, options: DistributedMethodOptions): string[] {
  const faults: string[] = []
  for (const what of ['data', 'id', 'query', 'result'] as const) {
    if (what in options && typeof options[what] !== 'function') {
      faults.push(`${place}: ${what} must be a class, not ${String(options[what])}; do two modules import each other?`)
    }
  }
  const { data, id, query } = options
  if (typeof data === 'function' && dataPosition(name) < 0) faults.push(`${place}: this method has no data; leave 'data' out`)
  if (typeof id === 'function') faults.push(...idFaults(place, name, id))
  // A guard that fails would leave the compiler no type for the name.
  const isQuery: boolean = query === undefined || isOwnClass(query)
  if (typeof query === 'function' && !isQuery) {
    faults.push(`${place}: query must be a class with the rules of params.query, not ${query.name}`)
  }
  return faults
}

function idFaults (place: string, name: string, id: Class<object>): string[] {
  if (!WITH_ID.includes(name)) return [`${place}: this method has no id; leave 'id' out`]
  const isKnown: boolean = id === Number || id === String || hasRules(id)
  return isKnown ? [] : [`${place}: id must be Number, String, or a class with rules for its property 'id', not ${id.name}`]
}
