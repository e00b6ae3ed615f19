import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getParameterTypes, getReturnType } from '../decorators/metadata'
import { isOwnClass } from './class-types'
import { isStandardMethod } from '../contract/contract'

/** Where `data` stands in the parameters of Feathers' standard methods. */
const POSITIONS: Readonly<Record<string, number>> = { create: 0, update: 1, patch: 1 }

/** The index of `data` among the parameters of a method, or -1 where it has none. */
export function dataPosition (method: string): number {
  return POSITIONS[method] ?? (isStandardMethod(method) ? -1 : 0)
}

/** Whether a method with this number of parameters takes `data`. */
export function takesData (method: string, parameters: number): boolean {
  const position = dataPosition(method)
  return position >= 0 && parameters > position
}

/** How data is made an instance and checked. */
export interface DataRules {
  readonly type: Class<object>
  /** Whether a list of such data is accepted, too. */
  readonly takesList: boolean
}

/** The rules for data of a method: of the class that its options name, or else of the declared one. */
export function dataRules (
  target: Class, name: string, options: Pick<DistributedMethodOptions, 'data'>
): DataRules | undefined {
  if (dataPosition(name) < 0) return undefined
  const declared = getParameterTypes(target, name)?.[dataPosition(name)]
  const type = options.data ?? declared
  // For a list, or a class and a list of it, the compiler leaves Array or Object: then the options name the class.
  return isOwnClass(type) ? { type, takesList: type !== declared } : undefined
}

/** The class of the results of a method: that of its options, or else the declared one; undefined where it is none. */
export function resultClass (
  target: Class, name: string, options: Pick<DistributedMethodOptions, 'result'>
): Class<object> | undefined {
  const type = options.result ?? getReturnType(target, name)
  return isOwnClass(type) ? type : undefined
}
