import { allowFaults } from '../contract/access'
import { isCallableName, isProtectedName } from '../contract/callable-name'
import { isStandardMethod } from '../contract/contract'
import { POLICY_FIELDS, type MethodPolicy } from '../contract/method-policy'
import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getParameterTypes } from '../decorators/metadata'
import { hasRules, isClass, isOwnClass } from '../validation/class-types'
import { dataPosition, takesData } from '../validation/method-classes'
import { validationFaults } from '../validation/validation-options'
import { fieldsOf } from '../record'
import { unknownOptions } from './unknown-options'

/** Where an option stands: the class and the method, for messages, and the name of the method. */
interface Place {
  readonly place: string
  readonly method: string
}

/** What is wrong with the value of an option. Only options that the author wrote are checked. */
type OptionCheck = (value: unknown, at: Place) => string[]

/**
 * The checks of the options of a method. The compiler demands a row for each option; those that only set the policy of
 * callers have theirs in {@link POLICY_FIELDS}.
 */
const OPTION_CHECKS: { readonly [K in keyof Required<DistributedMethodOptions>]: OptionCheck } = {
  idempotent: policyCheck('idempotent'),
  timeout: policyCheck('timeout'),
  allow: (allow, { place }) => allowFaults(place, allow),
  data: classCheck('data', (_type, { place, method }) =>
    dataPosition(method) < 0 ? [`${place}: this method has no data; leave 'data' out`] : []),
  id: classCheck('id', idFaults),
  query: classCheck('query', queryFaults),
  result: classCheck('result', () => []),
  validation: (validation, { place }) => validationFaults(place, validation)
}

function policyCheck (name: keyof MethodPolicy): OptionCheck {
  const { isValid, expected } = POLICY_FIELDS[name]
  return (value, { place }) =>
    value === undefined || isValid(value) ? [] : [`${place}: ${name} is ${String(value)}, but must be ${expected}`]
}

/** Checks an option that names a class: in a circle of imports it is undefined. */
function classCheck (name: string, ofClass: (type: Class<object>, at: Place) => string[]): OptionCheck {
  return (value, at) => isClass(value)
    ? ofClass(value, at)
    : [`${at.place}: ${name} must be a class, not ${String(value)}; do two modules import each other?`]
}

function queryFaults (query: Class<object>, { place }: Place): string[] {
  // A guard that fails would leave the compiler no type for the name.
  const isOwn: boolean = isOwnClass(query)
  return isOwn ? [] : [`${place}: query must be a class with the rules of params.query, not ${query.name}`]
}

const WITH_ID: readonly string[] = ['get', 'update', 'patch', 'remove']

function idFaults (id: Class<object>, { place, method }: Place): string[] {
  if (!WITH_ID.includes(method)) return [`${place}: this method has no id; leave 'id' out`]
  const isKnown: boolean = id === Number || id === String || hasRules(id)
  return isKnown ? [] : [`${place}: id must be Number, String, or a class with rules for its property 'id', not ${id.name}`]
}

/** Everything that is wrong with one method of a class and its options; each fault names the member and the remedy. */
export function methodFaults (target: Class, name: string, options: DistributedMethodOptions): string[] {
  const place = `${target.name || 'a class without name'}#${name}`
  const fault = nameFault(name)
  if (fault !== undefined) return [`${place}: ${fault}; rename the method`]

  // A prototype has any members.
  const method: unknown = target.prototype[name]
  if (typeof method !== 'function') {
    return [`${place} is listed in the methods of @Distributed but is not a method of the class; write it or take it off the list`]
  }
  return [
    ...signatureFaults(place, name, method),
    ...takesData(name, method.length) && options.data === undefined ? typeFaults(target, name) : [],
    ...optionFaults(options, { place, method: name })
  ]
}

/** Why remotes can have no method of this name. */
function nameFault (name: string): string | undefined {
  if (isProtectedName(name)) return `'${name}' is protected by Feathers and can't be called remotely`
  if (isCallableName(name)) return undefined
  return `remotes can't have a method '${name}': a name is letters, digits and _ behind a letter, ` +
    'and none that runtimes or the mesh itself look up on any service'
}

const GENERATOR = /GeneratorFunction\]$/

function signatureFaults (place: string, name: string, method: { readonly length: number }): string[] {
  const faults: string[] = []
  if (GENERATOR.test(Object.prototype.toString.call(method))) {
    faults.push(`${place} is a generator: it returns pieces, which is not supported over the mesh yet; return a list, a page, or emit events`)
  }
  if (!isStandardMethod(name) && method.length > 2) {
    faults.push(`${place} takes ${method.length} parameters, but a custom Feathers method is (data, params); put them into one data object`)
  }
  return faults
}

function typeFaults (target: Class, name: string): string[] {
  if (getParameterTypes(target, name) !== undefined) return []
  return [
    `${target.name || 'a class without name'}#${name}: the compiler left no type for 'data', so it can't be validated; ` +
    'turn on emitDecoratorMetadata (tsc and swc have it; esbuild and tsx leave no types, nor does what builds on ' +
    'them), or say it by hand: @DistributedMethod({ data: TheClass }), with Object for unchecked data'
  ]
}

function optionFaults (options: DistributedMethodOptions, at: Place): string[] {
  const given = fieldsOf(options)
  return [
    ...unknownOptions(at.place, options, Object.keys(OPTION_CHECKS)),
    ...Object.entries(OPTION_CHECKS).flatMap(([name, check]) => name in given ? check(given[name], at) : [])
  ]
}
