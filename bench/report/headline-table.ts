import { titleOf, type SystemName } from '../systems/systems'
import type { RunFigures } from './results'
import { medianOf, short } from './statistics'
import { table } from './table'

/** The few figures that README shows: those that a newcomer asks for, beside what they would use instead. */
const SYSTEMS: readonly SystemName[] = ['ours', 'feathers-distributed', 'moleculer']

const ROWS: ReadonlyArray<{ readonly title: string, readonly figure: string }> = [
  { title: 'calls per second, 128 in flight', figure: 'calls-128 rate' },
  { title: 'latency of a single call, median, ms', figure: 'calls-1 p50' },
  { title: 'events per second, one subscriber', figure: 'events-1 rate' },
  { title: 'first call after a start, ms', figure: 'first-call caller second' },
  { title: 'memory of an idle node beyond Feathers, MB', figure: 'idle memory' }
]

/** Medians alone; the spread of the rounds is in docs/performance.md. */
export function headlineTable (figures: RunFigures): string {
  const cells = (figure: string): string[] => SYSTEMS.map(system => {
    const middle = medianOf(figures, system, figure)
    return Number.isNaN(middle) ? '–' : short(middle)
  })
  return table(['', ...SYSTEMS.map(titleOf)], ROWS.map(({ title, figure }) => [title, ...cells(figure)]))
}
