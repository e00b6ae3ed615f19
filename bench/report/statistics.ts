import type { RunFigures, Rounds } from './results'
import type { SystemName } from '../systems/systems'

const isFigure = (figure: number | null): figure is number => figure !== null

/** The middle of some figures; NaN when there are none, or when one of them is missing. */
export function median (figures: Rounds): number {
  const sorted = figures.filter(isFigure).sort((a, b) => a - b)
  if (sorted.length < figures.length) return NaN
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** Half the way from the least to the greatest figure, as a share of the median. */
export function spread (figures: Rounds): number {
  const known = figures.filter(isFigure)
  return (Math.max(...known) - Math.min(...known)) / 2 / Math.abs(median(figures))
}

/** The median of a figure of a system; NaN when it was not measured. */
export function medianOf (figures: RunFigures, system: SystemName, figure: string): number {
  return median(figures[system]?.[figure] ?? [])
}

/** Three digits are what such figures are good for. */
export function short (figure: number): string {
  if (Math.abs(figure) >= 99_950) return `${Math.round(figure / 1_000)}k`
  if (Math.abs(figure) >= 9_995) return `${(figure / 1_000).toFixed(1)}k`
  return Number(figure.toPrecision(3)).toString()
}
