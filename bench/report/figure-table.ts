import { isSystemName, titleOf, type SystemName } from '../systems/systems'
import type { Row } from '../work/measurement'
import type { Rounds, RunFigures } from './results'
import { median, short, spread } from './statistics'
import { table } from './table'

/** The systems that something was measured of, in the order of the columns. */
export const systemsOf = (bySystem: object): SystemName[] => Object.keys(bySystem).filter(isSystemName)

/** One line for each figure, one column for each system. */
export function figureTable (figures: RunFigures, rows: readonly Row[]): string {
  const systems = systemsOf(figures)
  return table(['', ...systems.map(titleOf)], rows.map(({ figure, title, unit }) => {
    const cells = systems.map(system => cell(figures[system]?.[figure] ?? []))
    return [`${title} (${unit === 'per second' ? 'per s' : unit})`, ...cells]
  }))
}

function cell (rounds: Rounds): string {
  if (rounds.length === 0) return '–'
  const middle = median(rounds)
  if (Number.isNaN(middle)) return 'lost some'
  // A difference that is sometimes above zero and sometimes below is none, and a share of it means nothing.
  if (Math.min(...rounds.map(Number)) < 0 && Math.max(...rounds.map(Number)) > 0) return 'about 0'
  return rounds.length > 1 ? `${short(middle)} ±${Math.round(spread(rounds) * 100)}%` : short(middle)
}
