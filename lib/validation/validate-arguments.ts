import { validate, type ValidationError, type ValidatorOptions } from 'class-validator'
import type { Class } from '../decorators/metadata'
import { invalidArguments } from '../errors'
import { messageOf } from '../printable'
import { fieldsOf } from '../record'
import type { ArgumentRules } from './argument-rules'
import { hasRules } from './class-types'
import { instantiate, isCollection } from './instantiate'

/** One fault of the arguments of a call, as `errors` of the BadRequest lists them. */
export interface DataFault {
  /**
   * Its place: in data `title`, `address.street` or `tags.0`, of a list `1.title`; in the query `query.done`;
   * `id` for the id, and nothing for data that is no object.
   */
  readonly path: string
  /** The broken rules, by class-validator's names, each with its message. */
  readonly constraints: Readonly<Record<string, string>>
}

/** The arguments of a call that can have rules. */
export interface CheckedArguments {
  readonly id?: unknown
  readonly data?: unknown
  readonly query?: unknown
}

/** How many messages the message of the error has; its `errors` have all. */
const MAX_MESSAGES = 10

/**
 * Makes instances of the classes that the rules name, and checks them by class-validator.
 *
 * @param place - the name of the method, for the message: `todos.create()`
 * @returns the arguments as the method gets them; what has no rules stays as it is
 * @throws BadRequest with the faults of all arguments in `errors`
 */
export async function validateArguments (
  place: string, rules: ArgumentRules, { id, data, query }: CheckedArguments
): Promise<CheckedArguments> {
  const check = new ArgumentCheck(rules.validation)
  const checked: CheckedArguments = {
    id: rules.id === undefined ? id : await check.id(rules.id, id),
    data: rules.data === undefined ? data : await check.data(rules.data.type, data, rules.data.takesList),
    query: rules.query === undefined ? query : await check.item(rules.query, query ?? {}, ['query', 'query'])
  }
  const { faults } = check
  if (faults.length === 0) return checked
  const messages = faults.flatMap(fault => Object.values(fault.constraints))
  const more = messages.length > MAX_MESSAGES ? `; and ${messages.length - MAX_MESSAGES} more` : ''
  throw invalidArguments(`${place}: ${messages.slice(0, MAX_MESSAGES).join('; ')}${more}`, faults)
}

/** The check of one call, and the faults that it found. */
class ArgumentCheck {
  readonly faults: DataFault[] = []

  constructor (private readonly options: ValidatorOptions) {}

  async data (type: Class<object>, data: unknown, takesList: boolean): Promise<unknown> {
    if (!takesList || !Array.isArray(data)) return await this.item(type, data, ['data', ''])
    const items: unknown[] = []
    // One after the other, so that faults are in the order of the list.
    for (const [index, item] of data.entries()) items.push(await this.item(type, item, ['data', `${index}`]))
    return items
  }

  /** Makes an instance and checks it. @param at - the name of the value, and the path of its faults */
  async item (type: Class<object>, value: unknown, [name, prefix]: [name: string, prefix: string]): Promise<unknown> {
    if (typeof value !== 'object' || value === null || (isCollection(value) && !(value instanceof type))) {
      this.fault(prefix, 'isObject', `${name} must be an object`)
      return value
    }
    let instance: object
    try {
      instance = instantiate(type, value)
    } catch (error) {
      this.fault(prefix, 'isInstance', `${name} can't be made a ${type.name}: ${messageOf(error)}`)
      return value
    }
    try {
      if (hasRules(type)) this.faults.push(...flatten(await validate(instance, this.options), prefix))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.fault(prefix, 'isFinite', `${name} refers to itself or is nested too deeply`)
    }
    return instance
  }

  async id (type: Class<object>, id: unknown): Promise<unknown> {
    if (type === Number) return this.converted(toNumber(id), 'isNumber', 'id must be a number')
    if (type === String) return this.converted(toText(id), 'isString', 'id must be a string')
    const holder = await this.item(type, { id }, ['id', ''])
    return fieldsOf(holder).id
  }

  private converted<T> (value: T | undefined, constraint: string, message: string): T | undefined {
    if (value === undefined) this.fault('id', constraint, message)
    return value
  }

  private fault (path: string, constraint: string, message: string): void {
    this.faults.push({ path, constraints: { [constraint]: message } })
  }
}

const DECIMAL = /^-?\d+(\.\d+)?$/

/** An id as a number; undefined for anything else, and for one that a number can't hold exactly. */
function toNumber (id: unknown): number | undefined {
  if (typeof id === 'number') return Number.isFinite(id) ? id : undefined
  if (typeof id !== 'string' || !DECIMAL.test(id)) return undefined
  const number = Number(id)
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined
}

function toText (id: unknown): string | undefined {
  if (typeof id === 'number' && Number.isFinite(id)) return String(id)
  return typeof id === 'string' && id !== '' ? id : undefined
}

function flatten (errors: readonly ValidationError[], prefix: string): DataFault[] {
  return errors.flatMap(({ property, constraints, children = [] }) => {
    const path = prefix === '' ? property : `${prefix}.${property}`
    return [...constraints === undefined ? [] : [{ path, constraints }], ...flatten(children, path)]
  })
}
