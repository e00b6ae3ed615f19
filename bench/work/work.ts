import type { Pair } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import { callWork } from './calls'
import { eventWork } from './events'
import { firstCall } from './first-call'
import { idle } from './idle'
import type { Figures, Row } from './measurement'

/** How much time is spent; milliseconds. */
export interface Pace {
  /** Whether what takes long and tells little more is left out. */
  readonly isQuick: boolean
  readonly warmUp: number
  readonly window: number
  /** Events of one measurement. */
  readonly events: number
  /** For how long the CPU of an idle node is watched. */
  readonly idle: number
}

/** Work of two processes that run all the time. */
export interface PairWork {
  readonly name: string
  readonly rows: readonly Row[]
  /** Whether it takes processes beside the two. */
  readonly startsProcesses: boolean
  /** Whether quick runs leave it out, unless it is asked for. */
  readonly isLong: boolean
  /** Gives null where a system can't do it. */
  measure (pair: Pair, pace: Pace): Promise<Figures | null>
}

/** Work that starts processes of its own. */
export interface LoneWork {
  readonly name: string
  readonly rows: readonly Row[]
  /** Whether all systems can be measured at the same time. */
  readonly atOnce: boolean
  measure (system: SystemName, pace: Pace): Promise<Figures | null>
}

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
