import { HEALTHCHECK } from '../../contract/contract'
import type { Host } from '../../registry/mesh-node'
import { RequestRefused, type Transport } from '../../transport/transport'

/** When a replica that does not answer is set aside. */
export interface HealthOptions {
  /** So many calls in a row that it let time out set a replica aside. */
  readonly threshold: number
  /** Milliseconds from one probe of a replica that is set aside to the next. */
  readonly probeInterval: number
}

/**
 * Sets replicas aside that take calls and answer none. Such a replica is asked for a sign of life until it
 * gives one; only then it gets calls again.
 */
export class ReplicaHealth {
  /** Time-outs in a row, by node. */
  private readonly failures = new Map<string, number>()
  private readonly probes = new Map<string, NodeJS.Timeout>()

  /** @param isHere - whether a node is on the mesh: of one that left nothing more is to be known */
  constructor (
    private readonly transport: Transport,
    private readonly options: HealthOptions,
    private readonly isHere: (nodeId: string) => boolean
  ) {}

  /** Those that are not set aside; all of them if none is left. */
  healthy (hosts: readonly Host[]): readonly Host[] {
    if (this.probes.size === 0) return hosts
    const healthy = hosts.filter(({ node }) => !this.probes.has(node.id))
    return healthy.length > 0 ? healthy : hosts
  }

  /** A replica answered: with a value, with an error, or with a refusal. */
  answered (nodeId: string): void {
    if (this.failures.size > 0) this.failures.delete(nodeId)
    if (this.probes.size > 0) this.forget(nodeId)
  }

  /** A replica let the time of a call run out. */
  timedOut (host: Host): void {
    const { id } = host.node
    if (!this.isHere(id)) return
    const failures = (this.failures.get(id) ?? 0) + 1
    this.failures.set(id, failures)
    if (failures >= this.options.threshold && !this.probes.has(id)) this.probe(host)
  }

  /** A node left, or there is no more reason to doubt it. */
  forget (nodeId: string): void {
    this.failures.delete(nodeId)
    clearTimeout(this.probes.get(nodeId))
    this.probes.delete(nodeId)
  }

  /** Ends all probes. */
  close (): void {
    for (const nodeId of [...this.probes.keys()]) this.forget(nodeId)
  }

  private probe (host: Host): void {
    const { node: { id, key }, contract: { path } } = host
    const requestId = this.transport.request(id, { method: HEALTHCHECK, key, path }, {
      settle: () => this.answered(id),
      // If the node is gone, it leaves by itself; if only the connection broke, the next probe makes another one.
      // To refuse is an answer: the service may be gone while the node is well.
      fail: error => { if (error instanceof RequestRefused) this.answered(id) }
    })
    this.probes.set(id, setTimeout(() => {
      this.transport.cancel(id, requestId)
      this.probe(host)
    }, this.options.probeInterval))
  }
}
