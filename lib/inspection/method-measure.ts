import { Histogram, type Times } from './histogram'
import { errorCodeOf } from './outcome'

/** The codes of errors that are told apart, for one method. Services choose the names of their errors. */
const MAX_ERROR_CODES = 20

/** What the others count as. */
const OTHER_CODE = '_OTHER'

const NO_ERRORS: ReadonlyMap<string, number> = new Map()

/** What a node measured of one method. */
export interface MethodFigures {
  readonly path: string
  readonly method: string
  /** How many calls have ended since the node was made. */
  readonly calls: number
  /** How many of them failed, by the code of the mesh or the name of the error. */
  readonly errors: Readonly<Record<string, number>>
  /** Calls under way. */
  readonly inFlight: number
  /** Those of them that no node has taken: they wait for a replica. */
  readonly waiting: number
  /** How long the calls of the last minute took, in ms. */
  readonly lastMinute: Times
}

/** What is measured of one method. Per call, it costs an increment in the histogram and two counts. */
export class MethodMeasure {
  readonly histogram = new Histogram()
  inFlight = 0
  /** Of calls to other nodes: those that no node has. */
  waiting = 0
  private errors: Map<string, number> | undefined

  /** A call has ended. */
  ended (ms: number, error: unknown): void {
    this.inFlight--
    this.histogram.record(ms)
    if (error !== null && error !== undefined) this.countError(errorCodeOf(error))
  }

  /** How many calls failed, by the code of the mesh or the name of the error. */
  get errorCounts (): ReadonlyMap<string, number> {
    return this.errors ?? NO_ERRORS
  }

  figures (path: string, method: string): MethodFigures {
    const { histogram, inFlight, waiting } = this
    return {
      path,
      method,
      calls: histogram.total,
      errors: Object.fromEntries(this.errorCounts),
      inFlight,
      waiting,
      lastMinute: histogram.times
    }
  }

  private countError (code: string): void {
    const errors = this.errors ??= new Map()
    const known = errors.has(code) || errors.size < MAX_ERROR_CODES ? code : OTHER_CODE
    errors.set(known, (errors.get(known) ?? 0) + 1)
  }
}
