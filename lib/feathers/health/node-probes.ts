import type { Application } from '@feathersjs/feathers'
import { ConfigurationError } from '../../errors'
import type { NodeMetrics } from '../../metrics/node-metrics'
import { AwaitedHosts } from './awaited-hosts'
import { healthOf, type HealthSource, type MeshHealth } from './mesh-health'
import { hasHttp, routeProbes } from './probe-routes'
import { ProbeServer, type ProbePlace } from './probe-server'
import type { ProbeSource } from './probes'

/** Where the probes of a node are answered, and how. */
export interface NodeProbesOptions {
  readonly areOnApp: boolean
  /** A place of their own beside the app. */
  readonly place: ProbePlace | undefined
  /** Where metrics are told: at the place if there is one, or on the app; undefined for nowhere. */
  readonly metricsPath: string | undefined
  /** Whether answers name services. */
  readonly isDetailed: boolean
}

/** What the probes of a node tell. */
export interface NodeProbesSource extends Omit<HealthSource, 'awaited'> {
  readonly app: Application
  /** Makes the metrics of the node. */
  readonly metricsOf: (health: () => MeshHealth) => NodeMetrics
}

/** The probes of one node. */
export class NodeProbes {
  /** What Prometheus reads. */
  readonly metrics: NodeMetrics
  /** The hosts that count although a server between them and this node was lost. */
  readonly awaited: AwaitedHosts
  private readonly server: ProbeServer | undefined
  private readonly onApp: ProbeSource

  /** @throws {@link ConfigurationError} where metrics can be told nowhere */
  constructor (options: NodeProbesOptions, private readonly source: NodeProbesSource) {
    const { areOnApp, place, isDetailed, metricsPath } = options
    if (metricsPath !== undefined && place === undefined && !hasHttp(source.app)) {
      throw new ConfigurationError(["option 'metricsPath' needs an app of Express or Koa, or health: { port }"])
    }
    this.awaited = new AwaitedHosts(source.registry, source.remotes)
    const health = (): MeshHealth => this.health
    const nodeMetrics = this.metrics = source.metricsOf(health)
    const metrics = metricsPath === undefined
      ? undefined
      : { path: metricsPath, text: () => nodeMetrics.recentText }
    this.onApp = { areOn: areOnApp, health, isDetailed, metrics: place === undefined ? metrics : undefined }
    this.server = place === undefined
      ? undefined
      : new ProbeServer(place, { areOn: true, health, isDetailed, metrics })
  }

  /** The health of the node now. */
  get health (): MeshHealth {
    return healthOf({ ...this.source, awaited: this.awaited })
  }

  /** Answers them on the app, if it is one of Express or Koa. */
  attach (): void {
    routeProbes(this.source.app, this.onApp)
  }

  /**
   * Answers them while the node joins and is on the mesh, where they have a place of their own.
   *
   * @throws {@link ConfigurationError} when the port is taken; what joining throws
   */
  async during (join: () => Promise<void>): Promise<void> {
    await this.server?.open()
    try {
      await join()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** The node has left. */
  async close (): Promise<void> {
    this.awaited.clear()
    await this.server?.close()
  }
}
