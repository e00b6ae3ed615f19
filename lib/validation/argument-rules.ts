import type { ValidatorOptions } from 'class-validator'
import type { Class, DistributedMethodOptions } from '../decorators/metadata'
import { getServiceOptions } from '../decorators/metadata'
import { dataRules, type DataRules } from './method-classes'
import { mergeValidation } from './validation-options'

/** How the arguments of one method are made instances and checked. */
export interface ArgumentRules {
  readonly data?: DataRules
  /** Number, String, or a class with rules for its property `id`. */
  readonly id?: Class<object>
  readonly query?: Class<object>
  readonly validation: ValidatorOptions
}

/**
 * The rules of a method; undefined where it gets its arguments as they come.
 *
 * @param defaults - options of class-validator of the node
 */
export function argumentRules (
  target: Class, name: string, options: DistributedMethodOptions, defaults?: ValidatorOptions
): ArgumentRules | undefined {
  const { id, query, validation } = options
  const data = dataRules(target, name, options)
  if (data === undefined && id === undefined && query === undefined) return undefined
  return { data, id, query, validation: mergeValidation(defaults, getServiceOptions(target)?.validation, validation) }
}
