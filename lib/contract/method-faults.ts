import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getParameterTypes } from '../decorators/metadata'
import { isCallableName, isProtectedName } from './callable-name'
import { isStandardMethod, isTimeout } from './contract'
import { takesData } from './data-position'

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
  if (!isStandardMethod(name) && method.length > 2) {
    faults.push(`${place} takes ${method.length} parameters, but a custom Feathers method is (data, params); put them into one data object`)
  }
  const { timeout } = options
  if (timeout !== undefined && !isTimeout(timeout)) {
    faults.push(`${place}: timeout is ${timeout}, but must be a number of milliseconds above 0`)
  }
  if (takesData(name, method.length) && options.data === undefined && getParameterTypes(target, name) === undefined) {
    faults.push(
      `${place}: the compiler left no type for 'data', so it can't be validated; turn on emitDecoratorMetadata, ` +
      'or say it by hand: @DistributedMethod({ data: TheClass }), with Object for unchecked data'
    )
  }
  return faults
}
