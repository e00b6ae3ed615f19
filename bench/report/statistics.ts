/** The middle of some figures; NaN when there are none. */
export function median (figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** Half the way from the least to the greatest figure, as a share of the median. */
export function spread (figures: readonly number[]): number {
  return (Math.max(...figures) - Math.min(...figures)) / 2 / Math.abs(median(figures))
}
