/** One figure of a metric. */
export interface Sample {
  /** What follows the name of the metric, as the parts of a histogram have it. @default nothing */
  readonly suffix?: '_bucket' | '_sum' | '_count'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What Prometheus calls a metric: figures of one name, told apart by their labels. */
export interface Metric {
  readonly name: string
  /** What it is, for people. */
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** The figures of now. */
  readonly samples: () => Sample[]
}
