import { callWork } from './calls'
import { eventWork } from './events'
import { firstCall } from './first-call'
import { idle } from './idle'
import type { LoneWork, PairWork } from './work-types'

export const PAIR_WORK: readonly PairWork[] = [
  callWork('calls-1', { inFlight: 1, result: 'todo' }),
  callWork('calls-16', { inFlight: 16, result: 'todo' }),
  callWork('calls-128', { inFlight: 128, result: 'todo', allocations: true }),
  callWork('calls-512', { inFlight: 512, result: 'todo' }),
  callWork('result-10k', { inFlight: 16, result: '10k' }),
  callWork('result-1m', { inFlight: 4, result: '1m' }),
  eventWork('events-1', 1),
  eventWork('events-8', 8)
]

export const LONE_WORK: readonly LoneWork[] = [firstCall, idle]

/** Work by the words of `--work`: `calls` stands for `calls-1`, `calls-16` and so on. */
export function isChosen (name: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some(word => name === word || name.startsWith(`${word}-`))
}
