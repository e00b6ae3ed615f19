import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'

/**
 * Milliseconds for whatever a test waits for, also beside other tests that take all of the machine. It fails then, and
 * does not keep jest from exiting.
 */
export const PATIENCE = 20_000

/** So many looks are a turn of the event loop apart, for what happens in this process; those behind them this far. */
const TURNS = 20
const PAUSE = 10

type Ask<T> = () => T | Promise<T>

/** Asks until the answer is truthy, and gives it; fails when it takes too long, naming what was waited for. */
export function until<T> (ask: Ask<T>): Promise<NonNullable<T>>
export function until<T> (what: string, ask: Ask<T>, patience?: number): Promise<NonNullable<T>>
export async function until<T> (
  what: string | Ask<T>, ask = what as Ask<T>, patience = PATIENCE
): Promise<NonNullable<T>> {
  const end = Date.now() + patience
  for (let looks = 1; ; looks++) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not within ${patience} ms: ${String(what)}`)
    await (looks < TURNS ? nextTurn() : delay(PAUSE))
  }
}

/** Waits for a promise, but no longer than this number of milliseconds. */
export async function atMost<T> (milliseconds: number, promise: Promise<T>, explain: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${explain()}`)), milliseconds)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** An error with the fields that those of Feathers have. */
type AnyError = Error & Partial<Record<'code' | 'data' | 'errors', unknown>>

/** What a promise rejects with; it is a failure when it doesn't. */
export async function rejection<E extends Error = AnyError> (promise: Promise<unknown>): Promise<E> {
  try {
    await promise
  } catch (error) {
    return error as E
  }
  throw new Error('it should have been rejected')
}
