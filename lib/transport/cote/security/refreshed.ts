import { ConfigurationError } from '../../../errors'
import { warn } from '../../../log'

/** How the value of an option is checked and used. The option may also be a function that returns the value. */
export interface Reading<Given, Made> {
  /** The name of the option. */
  readonly option: string
  /** What is wrong with a value, in words that don't reveal it. */
  readonly faults: (given: unknown, name: string) => string[]
  readonly make: (given: Given) => Made
  /** A text that is equal for equal values. */
  readonly textOf: (given: Given) => string
}

/** A function is called again after this time. */
const REFRESH_MS = 1_000

/** What is wrong with an option, or with the value that its function returns. */
export function faultsOf (option: unknown, name: string, faults: Reading<never, unknown>['faults']): string[] {
  if (typeof option !== 'function') return faults(option, name)
  // A class is a function as well, but can't be called.
  if (isClass(option)) return [`${name} is the class ${option.name}; give a value, or a function that returns it`]
  return faults(option(), `what ${name} returns`)
}

function isClass (value: unknown): value is new () => unknown {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

/** What is made of the current value of an option. Private fields keep it from showing when its owner is printed. */
export class Refreshed<Given extends object | string, Made> {
  readonly #ask: (() => Given) | undefined
  readonly #reading: Reading<Given, Made>
  #made: Made
  #text: string
  #readAt = Date.now()
  #complaint = ''

  /** @throws {@link ConfigurationError} if the first value is wrong */
  constructor (option: Given | (() => Given), reading: Reading<Given, Made>) {
    this.#reading = reading
    // A value is no function itself, so one that can be called returns the value.
    this.#ask = typeof option === 'function' ? option as () => Given : undefined
    let value: unknown
    const faults = faultsOf(option, `option '${reading.option}'`, (given, name) => {
      value = given
      return reading.faults(given, name)
    })
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

  /** What is made of the value, which is read again after a while. */
  get value (): Made {
    const now = Date.now()
    if (this.#ask === undefined || now - this.#readAt < REFRESH_MS) return this.#made
    this.#readAt = now
    this.#read(this.#ask)
    return this.#made
  }

  /** Reads the value again. If it is wrong, the last one is kept. */
  #read (ask: () => Given): void {
    const { option, faults: faultsOfGiven, textOf, make } = this.#reading
    try {
      const given = ask()
      const text = textOf(given)
      if (text === this.#text) return
      const faults = faultsOfGiven(given, `what the function of option '${option}' returns`)
      if (faults.length > 0) return this.#complain(faults.join('; '))
      this.#made = make(given)
      this.#text = text
      this.#complaint = ''
    } catch {
      // The message of the error could reveal the value.
      this.#complain(`the function of option '${option}' threw`)
    }
  }

  #complain (complaint: string): void {
    if (complaint === this.#complaint) return
    this.#complaint = complaint
    warn('credentials', `feathers-mesh keeps what option '${this.#reading.option}' was before: ${complaint}`)
  }
}
