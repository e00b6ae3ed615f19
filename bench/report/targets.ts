import { titleOf, type SystemName } from '../systems/systems'
import type { RunFigures } from './results'
import { medianOf } from './statistics'
import { table } from './table'

/** What ours has to reach, as a ratio of the medians of one run. */
interface Target {
  readonly title: string
  readonly figure: string
  readonly system?: SystemName
  readonly beside: SystemName
  /** The ratio of ours to the other: at least, or at most, so much. */
  readonly atLeast?: number
  readonly atMost?: number
}

const RATE = 'calls/s, 128 in flight'
const RATE_512 = 'calls/s, 512 in flight'

const TARGETS: readonly Target[] = [
  { title: RATE, figure: 'calls-128 rate', beside: 'feathers-distributed', atLeast: 3 },
  { title: RATE, figure: 'calls-128 rate', beside: 'moleculer', atLeast: 2 },
  { title: RATE, figure: 'calls-128 rate', beside: 'cote', atLeast: 2 },
  { title: RATE, figure: 'calls-128 rate', beside: 'bare', atLeast: 1 },
  { title: RATE_512, figure: 'calls-512 rate', beside: 'feathers-distributed', atLeast: 4 },
  { title: RATE_512, figure: 'calls-512 rate', beside: 'bare', atLeast: 1 },
  { title: `${RATE}, with secret`, figure: 'calls-128 rate', system: 'ours-secret', beside: 'ours', atLeast: 0.75 },
  { title: `${RATE_512}, with secret`, figure: 'calls-512 rate', system: 'ours-secret', beside: 'ours', atLeast: 0.75 },
  { title: 'latency of a lone call, p50', figure: 'calls-1 p50', beside: 'cote', atMost: 1 },
  { title: 'latency of a lone call, p99', figure: 'calls-1 p99', beside: 'cote', atMost: 1 },
  { title: 'latency of a lone call, p50', figure: 'calls-1 p50', beside: 'bare', atMost: 1.15 },
  { title: 'latency of a lone call, p99', figure: 'calls-1 p99', beside: 'bare', atMost: 1.15 },
  { title: '1 MB results per second', figure: 'result-1m rate', beside: 'bare', atLeast: 0.9 },
  { title: 'events/s, 1 subscriber', figure: 'events-1 rate', beside: 'cote', atLeast: 1.5 },
  { title: 'CPU per call, caller', figure: 'calls-128 caller cpu', beside: 'cote', atMost: 0.5 },
  { title: 'CPU per call, host', figure: 'calls-128 host cpu', beside: 'cote', atMost: 0.5 },
  { title: 'first call', figure: 'first-call caller second', beside: 'feathers-distributed', atMost: 0.1 },
  { title: 'first call', figure: 'first-call caller second', beside: 'moleculer', atMost: 1 },
  { title: 'first call, host second', figure: 'first-call host second', beside: 'feathers-distributed', atMost: 0.1 },
  { title: 'first call, host second', figure: 'first-call host second', beside: 'moleculer', atMost: 1 },
  { title: 'memory of an idle node', figure: 'idle memory', beside: 'feathers-distributed', atMost: 1 }
]

/** The targets that this run can tell something of, and whether they are met; undefined when there is none. */
export function targetTable (figures: RunFigures): string | undefined {
  const rows = TARGETS.flatMap(({ title, figure, system = 'ours', beside, atLeast = -Infinity, atMost = Infinity }) => {
    const ratio = medianOf(figures, system, figure) / medianOf(figures, beside, figure)
    if (Number.isNaN(ratio)) return []
    const bound = atMost === Infinity ? `at least ${atLeast} x` : `at most ${atMost} x`
    const verdict = ratio >= atLeast && ratio <= atMost ? 'yes' : 'no'
    return [[title, titleOf(beside), bound, `${ratio.toFixed(2)} x`, verdict]]
  })
  return rows.length === 0 ? undefined : table(['ours', 'beside', 'wanted', 'measured', 'reached'], rows)
}
