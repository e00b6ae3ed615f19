import type { Figures, Row } from '../work/measurement'
import { titleOf, type SystemName } from '../systems/systems'
import { median, spread } from './statistics'
import { table } from './table'

/** All that was measured: the figures of each round, by system and name. */
export class Results {
  private readonly figures = new Map<SystemName, Map<string, number[]>>()

  add (system: SystemName, measured: Figures | null): void {
    const own = this.figures.get(system) ?? new Map<string, number[]>()
    this.figures.set(system, own)
    for (const [figure, value] of Object.entries(measured ?? {})) own.set(figure, [...own.get(figure) ?? [], value])
  }

  get systems (): SystemName[] {
    return [...this.figures.keys()]
  }

  rounds (system: SystemName, figure: string): readonly number[] {
    return this.figures.get(system)?.get(figure) ?? []
  }

  median (system: SystemName, figure: string): number {
    return median(this.rounds(system, figure))
  }

  /** One line for each figure, one column for each system. */
  table (rows: readonly Row[]): string {
    const { systems } = this
    return table(['', ...systems.map(titleOf)], rows.map(row => {
      const title = `${row.title}${row.unit === 'per second' ? ' (per s)' : ` (${row.unit})`}`
      return [title, ...systems.map(system => cell(this.rounds(system, row.figure)))]
    }))
  }

  toJSON (): object {
    return Object.fromEntries(this.systems.map(system => {
      const own = [...this.figures.get(system) ?? []]
      const summary = own.map(([figure, rounds]) => [figure, { median: median(rounds), rounds }])
      return [system, Object.fromEntries(summary) as object]
    }))
  }
}

function cell (rounds: readonly number[]): string {
  if (rounds.length === 0) return '–'
  if (rounds.some(Number.isNaN)) return 'lost some'
  const share = rounds.length > 1 ? ` ±${Math.round(spread(rounds) * 100)}%` : ''
  return `${short(median(rounds))}${share}`
}

/** Three digits are what such figures are good for. */
export function short (figure: number): string {
  if (Math.abs(figure) >= 99_950) return `${Math.round(figure / 1_000)}k`
  if (Math.abs(figure) >= 9_995) return `${(figure / 1_000).toFixed(1)}k`
  return Number(figure.toPrecision(3)).toString()
}
