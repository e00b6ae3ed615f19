import { ConfigurationError } from '../../errors'
import { PROCESS_LOG, type NodeLog } from '../../log'
import { fieldsOf } from '../../record'

/** How the value of an option is checked and used. The option may also be a function that returns the value. */
export interface Reading<Given, Made> {
  /** The name of the option. */
  readonly option: string
  /**
   * Reads a value once, into a copy that stays as it is: what a function returns may be anything, also an object that
   * says something else each time it is read.
   */
  readonly copy: (given: unknown) => unknown
  /** What is wrong with a copy, in words that don't reveal it. */
  readonly faults: (given: unknown, name: string) => string[]
  readonly make: (given: Given) => Made
  /** A text that is equal for equal values. */
  readonly textOf: (given: Given) => string
}

/** How a value is read and checked. */
type Check = Pick<Reading<never, unknown>, 'copy' | 'faults'>

/** A value that was read, and what is wrong with it. */
interface Examined {
  readonly value?: unknown
  readonly faults: readonly string[]
}

/** A function is called again after this time. */
const REFRESH_MS = 1_000

/** The most different warnings about what a function returns; the values in them are the user's, and may vary. */
const MAX_COMPLAINTS = 10

/** What is wrong with an option, or with the value that its function returns. Never throws. */
export function faultsOf (option: unknown, name: string, check: Check): string[] {
  return [...examine(option, name, check).faults]
}

/** Reads an option, or asks its function once, and checks the value. */
function examine (option: unknown, name: string, check: Check): Examined {
  if (typeof option !== 'function') return examineValue(option, name, check)
  let returned: unknown
  try {
    // A class is a function as well, but can't be called.
    if (isClass(option)) return { faults: [`${name} is the class ${option.name}; give a value, or a function that returns it`] }
    returned = option()
  } catch (error) {
    // A file of secrets says itself what is wrong with it. The message of any other error could reveal the value.
    if (error instanceof ConfigurationError) return { faults: error.faults }
    return { faults: [`the function of ${name} threw; it must return the value, and what it returned last where that is not at hand`] }
  }
  return examineValue(returned, `what ${name} returns`, check)
}

function examineValue (given: unknown, name: string, { copy, faults }: Check): Examined {
  try {
    if (isPromise(given)) {
      return { faults: [`${name} is a promise, and it is needed at once; wait for the value before, and return it from there`] }
    }
    const value = copy(given)
    return { value, faults: faults(value, name) }
  } catch {
    return { faults: [`${name} can't be read: reading it throws`] }
  }
}

/** Whether a value is a promise. Its rejection is nobody's then: unhandled it would end the process. */
function isPromise (value: unknown): boolean {
  const { then } = fieldsOf(value)
  if (typeof then !== 'function') return false
  Promise.resolve(value).catch(() => {})
  return true
}

function isClass (value: unknown): value is new () => unknown {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

/** What is made of the current value of an option. Private fields keep it from showing when its owner is printed. */
export class Refreshed<Given extends object | string, Made> {
  readonly #ask: (() => unknown) | undefined
  readonly #reading: Reading<Given, Made>
  #made: Made
  #text: string
  #readAt = performance.now()
  readonly #complaints = new Set<string>()
  #log = PROCESS_LOG

  /** @throws {@link ConfigurationError} if the first value is wrong */
  constructor (option: Given | (() => Given), reading: Reading<Given, Made>) {
    this.#reading = reading
    // A value is no function itself, so one that can be called returns the value.
    this.#ask = typeof option === 'function' ? option as () => unknown : undefined
    const { value, faults } = examine(option, `option '${reading.option}'`, reading)
    if (faults.length > 0) throw new ConfigurationError(faults)
    // A value without faults is of this type.
    const given = value as Given
    this.#made = reading.make(given)
    this.#text = reading.textOf(given)
  }

  /** Whether the value may change later. */
  get mayChange (): boolean {
    return this.#ask !== undefined
  }

  /** Tells from now on there what is wrong with later values. */
  tellTo (log: NodeLog): void {
    this.#log = log
  }

  /** What is made of the value, which is read again after a while. */
  get value (): Made {
    const now = performance.now()
    if (this.#ask === undefined || now - this.#readAt < REFRESH_MS) return this.#made
    this.#readAt = now
    this.#read(this.#ask)
    return this.#made
  }

  /** Reads the value again. If it is wrong, the last one is kept. */
  #read (ask: () => unknown): void {
    const { option, textOf, make } = this.#reading
    const { value, faults } = examine(ask, `option '${option}'`, this.#reading)
    if (faults.length > 0) return this.#complain(faults.join('; '))
    try {
      // A value without faults is of this type.
      const given = value as Given
      const text = textOf(given)
      if (text === this.#text) return
      this.#made = make(given)
      this.#text = text
      this.#complaints.clear()
    } catch {
      this.#complain(`what option '${option}' returns can't be used`)
    }
  }

  #complain (complaint: string): void {
    if (this.#complaints.has(complaint) || this.#complaints.size >= MAX_COMPLAINTS) return
    this.#complaints.add(complaint)
    const { option } = this.#reading
    const text = `feathers-mesh keeps what option '${option}' was before: ${complaint}`
    this.#log.tell('FEATHERS_MESH_CREDENTIALS_KEPT', text, { option })
  }
}
