import { BadRequest } from '@feathersjs/errors'
import { plainToInstance } from 'class-transformer'
import { getMetadataStorage, validate, type ValidationError } from 'class-validator'
import type { Class } from '../decorators/metadata'

/** One fault of the data, as `errors` of the BadRequest lists them. */
export interface DataFault {
  /** Where it is: `title`, `address.street`, `tags.0`. */
  readonly path: string
  /** The rules that are broken, by class-validator's names, each with its message. */
  readonly constraints: Readonly<Record<string, string>>
}

/** Whether class-validator has rules for a class. */
export function hasRules (target: unknown): target is Class<object> {
  // The storage wants the legacy type Function, which every class is.
  return typeof target === 'function' &&
    getMetadataStorage().getTargetValidationMetadatas(target, '', false, false).length > 0
}

/** What data is checked by. */
export interface DataRules {
  readonly type: Class<object>
  /** Whether a list of such data is taken, too. */
  readonly takesList: boolean
}

/**
 * Makes an instance of the class from data and checks it by class-validator's rules; of a list, each item.
 *
 * @throws BadRequest with all faults in `errors`
 */
export async function validateData (place: string, { type, takesList }: DataRules, data: unknown): Promise<unknown> {
  if (!takesList || !Array.isArray(data)) return await validateItem(place, type, data, '')
  return await Promise.all(data.map(async (item, index) => await validateItem(place, type, item, `${index}`)))
}

async function validateItem (place: string, target: Class<object>, data: unknown, prefix: string): Promise<object> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    const fault: DataFault = { path: prefix, constraints: { isObject: 'data must be an object' } }
    throw new BadRequest(`${place}: data must be an object`, { errors: [fault] })
  }
  // An abstract class has no rules of its own use; the compiler's type for both is the same at run time.
  const instance: object = plainToInstance(target as unknown as new () => object, data)
  const faults = flatten(await validate(instance, { forbidUnknownValues: false }), prefix)
  if (faults.length === 0) return instance
  const messages = faults.flatMap(fault => Object.values(fault.constraints))
  throw new BadRequest(`${place}: ${messages.join('; ')}`, { errors: faults })
}

function flatten (errors: readonly ValidationError[], prefix: string): DataFault[] {
  return errors.flatMap(({ property, constraints, children = [] }) => {
    const path = prefix === '' ? property : `${prefix}.${property}`
    return [...constraints === undefined ? [] : [{ path, constraints }], ...flatten(children, path)]
  })
}
