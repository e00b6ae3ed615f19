import { messageOf } from '../../printable'

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

/** The most faults that an error lists. */
export const MAX_FAULTS = 1_000

/** Characters of a path or a message; both may have names and values that were sent. */
export const MAX_FAULT_TEXT = 500

/** The faults of the arguments of one call, as many as an error lists. */
export class FaultList {
  readonly faults: DataFault[] = []
  /** Whether there may be more. */
  isCut = false

  /** Adds a fault; false where no more are listed. */
  add (path: string, constraints: Readonly<Record<string, string>>): boolean {
    if (this.isFull) this.isCut = true
    else this.faults.push({ path: short(path), constraints: shortened(constraints) })
    return !this.isCut
  }

  /** Whether no more faults are listed. */
  get isFull (): boolean {
    return this.faults.length >= MAX_FAULTS
  }
}

function shortened (constraints: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  // A rule of the program may return anything as its message.
  const messages: unknown[] = Object.values(constraints)
  if (messages.every(message => typeof message === 'string' && message.length <= MAX_FAULT_TEXT)) return constraints
  return Object.fromEntries(Object.entries(constraints).map(([rule, message]) => [rule, short(messageOf(message))]))
}

/** What is last says most in a path, and what is first in a message. */
const END = 100

const short = (text: string): string => text.length > MAX_FAULT_TEXT
  ? `${text.slice(0, MAX_FAULT_TEXT - END)}…${text.slice(-END)}`
  : text
