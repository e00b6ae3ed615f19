import type { Metric, Sample } from './metric'

/** The type of the text that {@link textOf} makes. */
export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Metrics as text that Prometheus reads. Those without figures are left out. */
export function textOf (metrics: readonly Metric[]): string {
  return metrics.map(metric => {
    const { name, help, type } = metric
    const samples = metric.samples()
    if (samples.length === 0) return ''
    const lines = samples.map(sample => `${name}${lineOf(sample)}\n`).join('')
    return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines}`
  }).join('')
}

function lineOf ({ suffix, labels, value }: Sample): string {
  const parts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text).replaceAll('"', '\\"')}"`)
  return `${suffix ?? ''}${parts.length === 0 ? '' : `{${parts.join(',')}}`} ${value}`
}

/** Paths come from contracts, and contracts from peers: no text of theirs may end its line. */
function escaped (text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', ' ')
}
