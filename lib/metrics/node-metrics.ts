import type { Measures } from '../inspection/measures'
import { VERSION } from '../inspection/version'
import { callMetrics } from './call-metrics'
import { eventMetrics } from './event-metrics'
import type { Metric, Sample } from './metric'
import { registerMetrics, type MetricRegistry } from './prom-client'
import { textOf } from './text-format'

/** For how long a text is told again: who asks all the time must cost little. */
const FRESH_MS = 1_000

/** What a node knows of itself. */
export interface MetricsSource {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly measures: Measures
  /** How often it refused something, by reason. */
  readonly refusals: () => Readonly<Record<string, number>>
  /** How many other nodes it sees. */
  readonly peers: () => number
  /** Why it can't see others: a code for each of them. */
  readonly unseen: () => ReadonlyArray<string | undefined>
  readonly isReady: () => boolean
  /** Whether each of the services that it needs has a host. */
  readonly remotes: () => ReadonlyArray<readonly [path: string, isServing: boolean]>
}

/** What a node measured, for Prometheus. */
export class NodeMetrics {
  private readonly all: readonly Metric[]
  private latest: { readonly at: number, readonly text: string } | undefined

  constructor (source: MetricsSource) {
    const { measures } = source
    this.all = [...stateMetrics(source), ...callMetrics(measures), ...eventMetrics(measures)]
  }

  /** The text for Prometheus, of now. */
  get text (): string {
    return textOf(this.all)
  }

  /** The same, at most a second old. */
  get recentText (): string {
    const now = performance.now()
    if (this.latest === undefined || now - this.latest.at > FRESH_MS) this.latest = { at: now, text: this.text }
    return this.latest.text
  }

  /**
   * Puts them into a registry of prom-client, beside the metrics of the program.
   *
   * @throws what the registry throws, where it has metrics of these names: those of another node
   */
  registerIn (registry: MetricRegistry): void {
    registerMetrics(this.all, registry)
  }
}

/** What a node is, what it sees, and what it refused. */
function stateMetrics (source: MetricsSource): Metric[] {
  const { id, name, key } = source
  const gauge = (ending: string, help: string, samples: () => Sample[]): Metric =>
    ({ name: `feathers_mesh_${ending}`, help, type: 'gauge', samples })
  return [
    gauge('info', 'The node: always 1', () => [{ labels: { id, name, key, version: VERSION }, value: 1 }]),
    gauge('ready', 'Whether the node has joined, does not stop, and each of its remotes has a host', () =>
      [{ labels: {}, value: Number(source.isReady()) }]),
    gauge('remote_serving', 'Whether a service that the node needs has a host', () =>
      source.remotes().map(([service, isServing]) => ({ labels: { service }, value: Number(isServing) }))),
    gauge('peers', 'Other nodes that the node sees', () => [{ labels: {}, value: source.peers() }]),
    gauge('unreachable_peers', 'Nodes that the node can\'t see, by reason', () =>
      counted(source.unseen()).map(([reason, value]) => ({ labels: { reason }, value }))),
    {
      name: 'feathers_mesh_refusals_total',
      help: 'What the node refused, by reason',
      type: 'counter',
      samples: () => Object.entries(source.refusals()).map(([reason, value]) => ({ labels: { reason }, value }))
    }
  ]
}

/** How often there is each of some names. */
function counted (names: ReadonlyArray<string | undefined>): Array<[string, number]> {
  const counts = new Map<string, number>()
  for (const name of names) {
    const known = name ?? 'other'
    counts.set(known, (counts.get(known) ?? 0) + 1)
  }
  return [...counts]
}
