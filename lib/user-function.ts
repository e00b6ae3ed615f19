import type { NodeLog } from './log'
import { kindOfValue, messageOf, printable, printablePart } from './printable'

/** The subjects of one function that are warned of; peers choose their names. */
const MAX_WARNED = 100
/** Characters of what a function threw. */
const MAX_REASON = 200

/** What the answer of a user's function must be, and what counts in its place. */
export interface Answer<T> {
  /** The function, as in "the function 'allow' of …". */
  readonly name: string
  readonly isValid: (answer: unknown) => answer is T
  /** What it must return, for the warning: `true or false`. */
  readonly expected: string
  /** What counts where it throws, or returns anything else. */
  readonly otherwise: T
  /** What follows from that, for the warning: `which allows nothing`. */
  readonly consequence: string
}

/**
 * A function of the user that answers a question at once. JavaScript lets it be async, throw or return anything: then
 * the answer is the safe one, a warning tells it once for each subject, and nothing is left to reject unhandled.
 */
export class UserFunction<Args extends readonly unknown[], T> {
  private readonly warned = new Set<string>()

  constructor (private readonly ask: (...args: Args) => unknown, private readonly answer: Answer<T>) {}

  /** @param subject - what the question is about, for the warning */
  call (log: NodeLog, subject: string, ...args: Args): T {
    const { isValid, expected, otherwise } = this.answer
    try {
      const { ask } = this
      const given = ask(...args)
      if (isValid(given)) return given
      ignoreRejection(given)
      this.warn(log, subject, `returned ${kindOfValue(given)} and not ${expected}`)
    } catch (error) {
      this.warn(log, subject, `threw ${printable(messageOf(error), MAX_REASON)}`)
    }
    return otherwise
  }

  private warn (log: NodeLog, subject: string, what: string): void {
    if (this.warned.has(subject) || this.warned.size >= MAX_WARNED) return
    this.warned.add(subject)
    const { name, consequence } = this.answer
    const text = `the function '${name}' of '${printablePart(subject)}' ${what}, ${consequence}`
    log.tell('FEATHERS_MESH_FUNCTION', text, { option: name })
  }
}

/**
 * Lets a promise, or what looks like one, reject without ending the process. Nobody waits for it: it came where a value
 * was expected.
 */
export function ignoreRejection (value: unknown): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
  // Not Promise.resolve(): it reads more of the value, and may throw.
  new Promise(resolve => { resolve(value) }).catch(() => {})
}

/** Whether an answer is true or false. */
export function isYesOrNo (answer: unknown): answer is boolean {
  return typeof answer === 'boolean'
}
