import { setImmediate as nextTurn } from 'node:timers/promises'

/** So that a condition that never comes true fails its test and does not keep jest from exiting. */
const PATIENCE = 10_000

/** Waits, turn by turn of the event loop, until a condition is true. */
export async function waitFor (condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never came true: ${condition.toString()}`)
    await nextTurn()
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
