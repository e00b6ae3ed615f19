/** What a piece of work is; in a file of its own, as the work and the list of all work need it alike. */
import type { Pair } from '../processes/pair'
import type { SystemName } from '../systems/systems'
import type { Figures, Row } from './measurement'

/** How much time is spent; milliseconds. */
export interface Pace {
  /** Whether what takes long and tells little more is left out. */
  readonly isQuick: boolean
  /** For how long a pair makes calls before anything is measured: V8 compiles what runs often, in steps. */
  readonly start: number
  readonly warmUp: number
  readonly window: number
  /** Calls of one measurement beside another commit. */
  readonly calls: number
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
