/** Two commits side by side: what was measured in pairs, and what that says. */
import { isMoreBetter, type Unit } from '../work/measurement'
import { median, short } from '../report/statistics'
import { table } from '../report/table'

/** A figure of both sides; those of one pair stand at the same index. NaN is what could not be measured. */
export interface PairedFigure {
  readonly title: string
  readonly unit: Unit
  readonly here: readonly number[]
  readonly there: readonly number[]
}

/** Percent that a figure may differ by before it counts: less is noise, whatever the machine. */
const TOLERANCE = 3

/** The ratio of each pair, here to there, without pairs in which a side could not be measured. */
export function ratios ({ here, there }: PairedFigure): number[] {
  return here.map((figure, n) => figure / (there[n] ?? NaN)).filter(ratio => Number.isFinite(ratio))
}

/** The value below which a share of the figures lies, between the two nearest ones. */
export function quantile (figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const [low = NaN, high = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low + (high - low) * (at - Math.floor(at))
}

/** What the middle of the ratios says of a figure. */
export function verdict (figure: PairedFigure): string {
  const ratio = median(ratios(figure))
  if (Number.isNaN(ratio)) return 'not measured'
  // Rounded first, so that what is printed is what was judged.
  const percent = Number(((ratio - 1) * 100).toFixed(1))
  if (Math.abs(percent) <= TOLERANCE) return `within ${TOLERANCE} %`
  const isBetter = isMoreBetter(figure.unit) === percent > 0
  return `${isBetter ? 'better' : 'worse'} by ${Math.abs(percent).toFixed(1)} %`
}

const known = (figures: readonly number[]): number[] => figures.filter(figure => !Number.isNaN(figure))

/** A line for each figure: medians of both sides, the median of the ratios, where half of them lie, and the verdict. */
export function comparisonTable (there: string, figures: readonly PairedFigure[]): string {
  const head = ['', 'here', there, 'here / there', 'half of them', 'verdict']
  return table(head, figures.map(figure => {
    const all = ratios(figure)
    return [
      `${figure.title} (${figure.unit})`, short(median(known(figure.here))), short(median(known(figure.there))),
      median(all).toFixed(3), `${quantile(all, 0.25).toFixed(3)} to ${quantile(all, 0.75).toFixed(3)}`, verdict(figure)
    ]
  }))
}
