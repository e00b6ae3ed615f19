import type { Metric } from './metric'

/** A registry of prom-client, of which only this is used. */
export interface MetricRegistry {
  /** Takes a metric. It may be of any class: it has what the registry reads of one. */
  registerMetric (metric: never): void
}

/** What a registry of prom-client reads of a metric. */
class RegisteredMetric {
  readonly help: string
  readonly type: Metric['type']
  /** How figures of several processes of one program are put together. */
  readonly aggregator = 'sum'
  /** The registry changes it, where it writes OpenMetrics. */
  name: string

  constructor (private readonly metric: Metric) {
    const { name, help, type } = metric
    this.name = name
    this.help = help
    this.type = type
  }

  /** The figures of now. The registry may change the labels. */
  async get (): Promise<object> {
    const { name, help, type, aggregator, metric } = this
    const values = metric.samples().map(({ suffix, labels, value }) => ({
      labels: { ...labels }, value, ...suffix === undefined ? {} : { metricName: `${name}${suffix}` }
    }))
    return { name, help, type, aggregator, values }
  }

  /** Figures of a node only grow. */
  reset (): void {}
}

/** Puts metrics into a registry. @throws what it throws for names that it has already */
export function registerMetrics (metrics: readonly Metric[], registry: MetricRegistry): void {
  for (const metric of metrics) {
    // Its classes have methods to count by, which nobody calls here.
    registry.registerMetric(new RegisteredMetric(metric) as never)
  }
}
