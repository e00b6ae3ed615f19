import type { ValidatorOptions } from 'class-validator'
import type { Class } from '../decorators/metadata'
import { invalidArguments } from '../errors'
import { messageOf } from '../printable'
import { fieldsOf } from '../record'
import type { ArgumentRules } from './argument-rules'
import { hasRules } from './class-types'
import { isFieldsObject, throwIfSparse } from './data-kinds'
import { Instantiation } from './instantiate'
import type { Checked } from './rules/checked-graph'
import { FaultList, MAX_FAULTS, type DataFault } from './rules/faults'
import { RuleCheck } from './rules/rule-check'
import { CheckWork, TooMuchWork } from './rules/work'

export type { DataFault } from './rules/faults'

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
  const made: CheckedArguments = {
    id: rules.id === undefined ? id : await check.id(rules.id, id),
    data: rules.data === undefined ? data : await check.data(rules.data.type, data, rules.data.takesList),
    query: rules.query === undefined ? query : await check.item(rules.query, query ?? {}, ['query', 'query'])
  }
  const { faults, isCut } = await check.faults()
  // Rules of the program may have changed it.
  if (faults.length === 0) return isHolder(rules.id) ? { ...made, id: fieldsOf(made.id).id } : made
  const messages = faults.flatMap(fault => Object.values(fault.constraints))
  const more = messages.length - MAX_MESSAGES
  const rest = more > 0 ? `; and ${isCut ? 'at least ' : ''}${more} more` : ''
  throw invalidArguments(`${place}: ${messages.slice(0, MAX_MESSAGES).join('; ')}${rest}`, faults)
}

/** Whether an id is checked as a property of an object. */
function isHolder (type: Class<object> | undefined): boolean {
  return type !== undefined && type !== Number && type !== String
}

/** The name of a value for messages, and the path of its faults. */
type At = readonly [name: string, prefix: string]

/** Pieces of data of which instances are made before others have a turn: a few milliseconds. */
const PIECES_PER_TURN = 2_000

/** The check of one call, and the faults that it found. */
class ArgumentCheck {
  private readonly making = new Instantiation()
  private readonly work = new CheckWork()
  private readonly check: RuleCheck
  /** Faults and instances in the order of the arguments. */
  private readonly found: Array<DataFault | { readonly checked: Checked, readonly at: At }> = []
  private nextTurn = PIECES_PER_TURN
  private faulty = 0

  constructor (options: ValidatorOptions) {
    this.check = new RuleCheck(options, this.work)
  }

  /** Makes instances of data, or of a list of it. */
  async data (type: Class<object>, data: unknown, takesList: boolean): Promise<unknown> {
    if (!takesList || !Array.isArray(data)) return await this.item(type, data, ['data', ''])
    const items: unknown[] = []
    try {
      throwIfSparse(data)
    } catch (error) {
      this.fault('', 'isObject', `data is ${messageOf(error)}`)
      return items
    }
    for (const [index, item] of data.entries()) {
      items.push(await this.item(type, item, ['data', `${index}`]))
      if (this.faulty > MAX_FAULTS) break
    }
    return items
  }

  /** Makes an instance, which is checked with all others. */
  async item (type: Class<object>, value: unknown, at: At): Promise<unknown> {
    const [name, prefix] = at
    if (typeof value !== 'object' || value === null || (!isFieldsObject(value) && !(value instanceof type))) {
      this.fault(prefix, 'isObject', `${name} must be an object`)
      return value
    }
    try {
      const instance = this.making.root(value, type)
      while (!this.making.advance(PIECES_PER_TURN) || this.making.size > this.nextTurn) {
        this.nextTurn = this.making.size + PIECES_PER_TURN
        await this.work.turn()
      }
      if (hasRules(type)) this.found.push({ checked: this.check.add(instance, prefix), at })
      return instance
    } catch (error) {
      this.making.abandon()
      this.fault(prefix, 'isInstance', `${name} can't be made a ${type.name}: ${messageOf(error)}`)
      return value
    }
  }

  /** A number, a text, or an object that holds the id. */
  async id (type: Class<object>, id: unknown): Promise<unknown> {
    if (type === Number) return this.converted(toNumber(id), 'isNumber', 'id must be a number')
    if (type === String) return this.converted(toText(id), 'isString', 'id must be a string')
    return await this.item(type, { id }, ['id', ''])
  }

  /** Checks all instances, and lists the faults. */
  async faults (): Promise<FaultList> {
    const list = new FaultList()
    this.work.size += this.making.size
    const fault = await this.run()
    if (fault !== undefined) {
      list.add(fault.path, fault.constraints)
      return list
    }
    if (this.faulty === 0 && this.check.isPassed) return list
    const paths = await this.check.faults(list)
    for (const each of this.found) {
      if ('path' in each) list.add(each.path, each.constraints)
      else paths.walk(each.checked, each.at[1])
    }
    this.check.listRest(paths, list)
    return list
  }

  /** Runs all rules; returns what is wrong with the arguments as a whole. */
  private async run (): Promise<DataFault | undefined> {
    const [first] = this.found
    const [name, path] = first !== undefined && 'checked' in first ? first.at : ['data', '']
    try {
      await this.check.run()
    } catch (error) {
      if (error instanceof TooMuchWork) return tooMuchWork(error.property)
      if (!(error instanceof RangeError)) throw error
      return { path, constraints: { isFinite: `${name} refers to itself or is nested too deeply` } }
    }
    if (!await this.check.hasCycle()) return undefined
    return { path, constraints: { isFinite: `${name} refers to itself or is nested too deeply` } }
  }

  private converted<T> (value: T | undefined, constraint: string, message: string): T | undefined {
    if (value === undefined) this.fault('id', constraint, message)
    return value
  }

  private fault (path: string, constraint: string, message: string): void {
    this.faulty++
    this.found.push({ path, constraints: { [constraint]: message } })
  }
}

/** Rules look at data in as many places as it has. */
function tooMuchWork (property = ''): DataFault {
  const what = property === '' ? 'its data' : property
  const message = `${what} takes more work to check than its size allows: send fewer items at a time, shorter texts, ` +
    'and each object once'
  return { path: property, constraints: { isCheckable: message } }
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
