import { ConfigurationError } from '../../../errors'

/** How an option is read that may be a function, which is asked again and again. */
export interface Reading<Given, Made> {
  /** The name of the option. */
  readonly option: string
  /** What is wrong with what is given, in words that tell nothing of it. */
  readonly faults: (given: unknown, name: string) => string[]
  readonly make: (given: Given) => Made
  /** The same text for the same thing. */
  readonly textOf: (given: Given) => string
}

/** Milliseconds after which a function is asked again. */
const REFRESH = 1_000

/** What is wrong with an option, or with what its function returns. */
export function faultsOf (option: unknown, name: string, faults: Reading<never, unknown>['faults']): string[] {
  if (typeof option !== 'function') return faults(option, name)
  return isClass(option) ? [classFault(name, option)] : faults(option(), `what ${name} returns`)
}

/** It is a function as well, which can't be called. */
function isClass (value: unknown): value is new () => unknown {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

function classFault (name: string, { name: given }: { readonly name: string }): string {
  return `${name} is the class ${given}; give a value, or a function that returns it`
}

/** What is made of an option, at any time. Its fields are out of the reach of whoever prints it. */
export class Refreshed<Given extends object | string, Made> {
  readonly #ask: (() => Given) | undefined
  readonly #reading: Reading<Given, Made>
  #made: Made
  #text: string
  #readAt = Date.now()
  #complaint = ''

  /** @throws {@link ConfigurationError} when it is wrong from the start */
  constructor (option: Given | (() => Given), reading: Reading<Given, Made>) {
    this.#reading = reading
    if (isClass(option)) throw new ConfigurationError([classFault(`option '${reading.option}'`, option)])
    this.#ask = typeof option === 'function' ? option as () => Given : undefined
    // What is asked for is Given, and what else is callable was taken for a function that returns it.
    const given = this.#ask === undefined ? option as Given : this.#ask()
    const name = `option '${reading.option}'`
    const faults = reading.faults(given, this.#ask === undefined ? name : `what ${name} returns`)
    if (faults.length > 0) throw new ConfigurationError(faults)
    this.#made = reading.make(given)
    this.#text = reading.textOf(given)
  }

  /** Whether there may be something else later. */
  get mayChange (): boolean {
    return this.#ask !== undefined
  }

  get value (): Made {
    const now = Date.now()
    if (this.#ask === undefined || now - this.#readAt < REFRESH) return this.#made
    this.#readAt = now
    this.#read(this.#ask)
    return this.#made
  }

  /** What a function returns may be wrong for once: then all stays as it is. */
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
      // Its message may hold what it should not.
      this.#complain(`the function of option '${option}' threw`)
    }
  }

  #complain (complaint: string): void {
    if (complaint === this.#complaint) return
    this.#complaint = complaint
    process.emitWarning(`feathers-mesh keeps what option '${this.#reading.option}' was before: ${complaint}`)
  }
}
