/** What one piece of work gave for one system; a measurement has a row of its own in the table. */
export type Figures = Readonly<Record<string, number>>

/** How a row of the table is written. */
export interface Row {
  /** The figure, as work names it. */
  readonly figure: string
  readonly title: string
  readonly unit: Unit
}

export type Unit = 'per second' | 'ms' | 'µs' | 'KB' | 'MB' | '%'

/** What is better in a unit. */
export const isMoreBetter = (unit: Unit): boolean => unit === 'per second'
