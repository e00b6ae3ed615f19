import type { Application } from '@feathersjs/feathers'
import { methodOf, type Caller } from '../contract/contract'
import { Inspector } from '../inspection/inspector'
import { Measures } from '../inspection/measures'
import type { NodeFacts, NodeReport, SeenPeer, UnseenPeer } from '../inspection/node-report'
import { OTHER } from '../inspection/path-table'
import { seenPeer } from '../inspection/seen-peer'
import { shownOptions } from '../inspection/shown-options'
import { NodeMetrics } from '../metrics/node-metrics'
import { printable } from '../printable'
import type { Registry } from '../registry/registry'
import { SafeTracer } from '../telemetry/safe-tracer'
import type { Rejections } from '../transport/rejections'
import { GAP, type EventMessage, type TransportHost } from '../transport/transport'
import { VERSION } from '../inspection/version'
import type { MeshHealth } from './health/mesh-health'
import type { MeshOptions } from './mesh-settings'
import { traceRequests } from './traced-requests'

/** Peers that an answer lists. */
const MAX_TOLD_PEERS = 1_000

/** A node that measures what it does. */
export interface InspectedNode {
  readonly app: Application
  readonly id: string
  readonly name: string
  readonly key: string
  readonly registry: Registry
  readonly rejections: Rejections
}

/** What a node measures of its calls and events, and who learns of it. */
export class NodeInspection {
  readonly measures: Measures
  private readonly inspector: Inspector
  private shown: NodeFacts['options'] | undefined

  constructor (
    private readonly node: InspectedNode,
    private readonly options: Pick<MeshOptions, 'inspect' | 'transport' | 'log' | 'given' | 'makeTracer'>
  ) {
    const { registry, rejections, key } = node
    const { makeTracer, log } = options
    const offers = (path: string, event: string): boolean => registry.contract(path)?.events.includes(event) === true
    this.measures = new Measures({
      hosts: () => true,
      calls: (path, method) => registry.service(path)?.method(method) !== undefined,
      hears: (path, event) => offers(path, event) || registry.service(path)?.events.includes(event) === true
    }, makeTracer && (names => new SafeTracer(makeTracer(names), log)))
    if (this.measures.tracer !== undefined) traceRequests(node.app, this.measures.tracer)
    this.inspector = new Inspector({
      policy: options.inspect,
      measures: this.measures,
      facts: () => this.facts,
      sightOf: asker => this.sightOf(asker),
      key,
      onRejected: rejections.count
    })
  }

  /** What the program itself learns. */
  get report (): NodeReport {
    return this.inspector.report
  }

  /** What the transport asks; without it, this node is as one that knows no such questions. */
  get questions (): Pick<TransportHost, 'inspect'> {
    return this.options.inspect.isOn ? { inspect: question => this.inspector.answer(question) } : {}
  }

  /** Counts an event of another node. */
  received ({ path, event, key, args }: EventMessage): void {
    const { events, taps } = this.measures
    if (event === GAP) this.measures.gaps++
    else events.of(path, event).received++
    if (taps.areOpen) taps.take({ side: 'received', path, name: event, peer: { key }, payload: args })
  }

  /** What Prometheus reads. */
  metricsOf (health: () => MeshHealth): NodeMetrics {
    const { measures, node: { id, name, key, registry, rejections }, options: { transport } } = this
    return new NodeMetrics({
      id,
      name,
      key,
      measures,
      refusals: () => rejections.counters,
      peers: () => registry.nodes.length,
      unseen: () => (transport.unreachable?.() ?? []).map(({ code }) => code),
      isReady: () => health().status === 'SERVING',
      remotes: () => Object.entries(health().remotes).map(([path, status]) => [path, status === 'SERVING'])
    })
  }

  private get facts (): NodeFacts {
    const { node: { id, name, key, registry, rejections }, options: { given, log } } = this
    return {
      id,
      name,
      key,
      version: VERSION,
      node: process.version,
      uptimeMs: Math.round(performance.now()),
      time: Date.now(),
      options: this.shown ??= shownOptions(given),
      services: registry.contracts.map(({ path, version, methods, events }) =>
        ({ path, ...version === undefined ? {} : { version }, methods: methods.map(each => each.name), events })),
      peers: this.peers,
      unreachable: this.unreachable,
      warnings: log.warnings?.() ?? [],
      refusals: Object.fromEntries(Object.entries(rejections.counters).filter(([, count]) => count > 0))
    }
  }

  private get peers (): SeenPeer[] {
    const { node: { registry }, options: { transport } } = this
    return registry.nodes.slice(0, MAX_TOLD_PEERS).map(peer => seenPeer(transport, peer))
  }

  private get unreachable (): UnseenPeer[] {
    const peers = this.options.transport.unreachable?.() ?? []
    return peers.slice(0, MAX_TOLD_PEERS).map(({ id, name, address, reason, code }) => ({
      ...id === undefined ? {} : { id },
      ...name === undefined ? {} : { name },
      address,
      reason: printable(reason),
      ...code === undefined ? {} : { code }
    }))
  }

  /** What an asker may call, and which events it may hear. */
  private sightOf (asker: Caller): { mayCall: Allowed, mayHear: Allowed } {
    const { node: { registry }, options: { log } } = this
    const sight = {
      mayCall: (path: string, method: string): boolean => {
        const hosted = registry.hostedAt(path)
        if (hosted === undefined || methodOf(hosted.contract, method) === undefined) return false
        return hosted.access?.permits(asker, method, log) !== false
      },
      mayHear: (path: string, event: string): boolean => {
        const hosted = registry.hostedAt(path)
        return hosted !== undefined && hosted.access?.audience(event, log)?.(asker) !== false
      }
    }
    // Figures of many names together may be those of any of them.
    const { contracts } = registry
    const mayCallAll = (): boolean =>
      contracts.every(({ path, methods }) => methods.every(({ name }) => sight.mayCall(path, name)))
    const mayHearAll = (): boolean =>
      contracts.every(({ path, events }) => events.every(event => sight.mayHear(path, event)))
    return {
      mayCall: (path, method) => path === OTHER ? mayCallAll() : sight.mayCall(path, method),
      mayHear: (path, event) => path === OTHER ? mayHearAll() : sight.mayHear(path, event)
    }
  }
}

type Allowed = (path: string, name: string) => boolean
