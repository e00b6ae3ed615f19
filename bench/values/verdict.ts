import { inspect, isDeepStrictEqual } from 'node:util'

/** Cells that say nothing more. */
export const ARRIVES = 'yes'

const LONGEST = 48

const short = (value: unknown): string => {
  const text = inspect(value, { depth: 1, breakLength: Infinity, compact: true }).split('\n')[0] ?? ''
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** Whether a value is what was sent; else what it has become. */
export function valueVerdict (arrived: unknown, sent: unknown): string {
  if (!isDeepStrictEqual(arrived, sent)) return short(arrived)
  return sharesAlike(arrived, sent) ? ARRIVES : 'two copies'
}

/** The one sample with an object that is there twice has to have it twice. */
function sharesAlike (arrived: unknown, sent: unknown): boolean {
  const pair = (value: unknown): { first?: unknown, second?: unknown } =>
    typeof value === 'object' && value !== null ? value : {}
  const [a, b] = [pair(arrived), pair(sent)]
  return (a.first === a.second) === (b.first === b.second)
}

interface ErrorFields {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly data?: unknown
  readonly article?: unknown
  readonly cause?: ErrorFields
}

/** Whether an error is what was thrown, as far as a caller looks at it; else what it has become. */
export function errorVerdict (arrived: unknown, sent: unknown): string {
  if (!(sent instanceof Error)) return valueVerdict(arrived, sent)
  if (!(arrived instanceof Error)) return `no Error: ${short(arrived)}`
  const [got, wanted] = [fieldsOf(arrived), fieldsOf(sent)]
  const lost = Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(got[name as keyof ErrorFields], value))
  return lost.length === 0 ? ARRIVES : `${arrived.name}: ${arrived.message}`.slice(0, LONGEST) + lacks(lost, got)
}

function lacks (lost: ReadonlyArray<[name: string, value: unknown]>, got: ErrorFields): string {
  const missing = lost.map(([name]) => name).filter(name => got[name as keyof ErrorFields] === undefined)
  return missing.length === 0 ? '' : `, without ${missing.join(', ')}`
}

function fieldsOf (error: Error): ErrorFields {
  const { name, message, code, data, article, cause } = error as Error & ErrorFields
  const fields = { name, message, code, data, article, cause: cause && { name: cause.name, message: cause.message } }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
