import type { Application } from '@feathersjs/feathers'
import { healthOf, type HealthSource, type MeshHealth } from './mesh-health'
import { routeProbes } from './probe-routes'
import { ProbeServer, type ProbePlace } from './probe-server'
import type { ProbeSource } from './probes'

/** Where the probes of a node are answered, and how. */
export interface NodeProbesOptions {
  readonly areOnApp: boolean
  /** A place of their own beside the app. */
  readonly place: ProbePlace | undefined
  /** Whether answers name services. */
  readonly isDetailed: boolean
}

/** The probes of one node. */
export class NodeProbes {
  private readonly server: ProbeServer | undefined
  private readonly answers: ProbeSource

  constructor (private readonly options: NodeProbesOptions, private readonly source: HealthSource) {
    const { place, isDetailed } = options
    this.answers = { health: () => this.health, isDetailed }
    this.server = place === undefined ? undefined : new ProbeServer(place, this.answers)
  }

  /** The health of the node now. */
  get health (): MeshHealth {
    return healthOf(this.source)
  }

  /** Answers them on an app of Express or Koa. */
  attach (app: Application): void {
    if (this.options.areOnApp) routeProbes(app, this.answers)
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
    await this.server?.close()
  }
}
