import { HEALTHCHECK } from '../../contract/contract'
import type { Host } from '../../registry/mesh-node'
import { RequestRefused, type RefusalReason, type Transport } from '../../transport/transport'
import { BusyReplicas } from './busy-replicas'
import { UnprovenReplicas } from './unproven-replicas'

/** When a replica that does not answer is set aside. */
export interface HealthOptions {
  /** How many calls in a row have to time out before a replica is set aside. */
  readonly threshold: number
  /** Milliseconds from one probe of a replica that is set aside to the next. */
  readonly probeInterval: number
}

/**
 * Sets replicas aside that take calls and answer none. It probes such a replica until it answers; only then it gets
 * calls again.
 */
export class ReplicaHealth {
  /** Those that answer, and have no room. */
  readonly busy = new BusyReplicas()
  /** Those that have never answered. */
  readonly unproven = new UnprovenReplicas((host, onEnd) => this.ask(host, onEnd))
  /** Time-outs in a row, by node. */
  private readonly failures = new Map<string, number>()
  private readonly probes = new Map<string, NodeJS.Timeout>()

  /** @param isHere - whether a node is on the mesh; no figures are kept of one that left */
  constructor (
    private readonly transport: Transport,
    private readonly options: HealthOptions,
    private readonly isHere: (nodeId: string) => boolean
  ) {}

  /** The replicas that are not set aside; all of them if none would be left. */
  healthy<H extends Host> (hosts: readonly H[]): readonly H[] {
    if (this.probes.size === 0) return hosts
    const healthy = hosts.filter(({ node }) => !this.probes.has(node.id))
    return healthy.length > 0 ? healthy : hosts
  }

  /** Whether a node is not set aside. */
  isHealthy (nodeId: string): boolean {
    return !this.probes.has(nodeId)
  }

  /** A node joined, or changed what it offers. @param isUnproven - whether it has never answered */
  joined (nodeId: string, isUnproven: boolean): void {
    if (isUnproven) this.unproven.add(nodeId)
    else if (this.unproven.size > 0) this.unproven.answered(nodeId)
  }

  /** A replica answered a call: with a value or with an error. */
  answered (nodeId: string): void {
    if (this.failures.size > 0) this.failures.delete(nodeId)
    this.busy.delete(nodeId)
    if (this.unproven.size > 0) this.unproven.answered(nodeId)
    if (this.probes.size > 0) this.endProbe(nodeId)
  }

  /** A replica answered by refusing the call. */
  refused (nodeId: string, reason: RefusalReason): void {
    this.answered(nodeId)
    if (reason === 'busy') this.busy.refused(nodeId)
  }

  /** A call of a replica timed out. */
  timedOut (host: Host): void {
    const { id } = host.node
    if (!this.isHere(id)) return
    const failures = (this.failures.get(id) ?? 0) + 1
    this.failures.set(id, failures)
    if (failures >= this.options.threshold && !this.probes.has(id)) this.probe(host)
  }

  /** A replica answers no probe of the transport, though calls wait for it: it is set aside at once. */
  silent (host: Host): void {
    const { id } = host.node
    if (this.isHere(id) && !this.probes.has(id)) this.probe(host)
  }

  /** Drops the figures of a node that left, and ends its probe. */
  delete (nodeId: string): void {
    this.failures.delete(nodeId)
    this.busy.delete(nodeId)
    this.unproven.delete(nodeId)
    this.endProbe(nodeId)
  }

  /** Ends all probes. */
  close (): void {
    for (const nodeId of [...this.probes.keys()]) this.delete(nodeId)
    this.unproven.close()
  }

  private endProbe (nodeId: string): void {
    clearTimeout(this.probes.get(nodeId))
    this.probes.delete(nodeId)
  }

  private probe (host: Host): void {
    const { id } = host.node
    // A node that is gone leaves the registry; where only the connection broke, the next probe makes another one.
    const requestId = this.ask(host, () => {})
    this.probes.set(id, setTimeout(() => {
      this.transport.cancel(id, requestId)
      this.probe(host)
    }, this.options.probeInterval))
  }

  /** Asks a replica whether it is there. Returns the id of the request. @param onFail - it gives no answer */
  private ask ({ node: { id, key }, contract: { path } }: Host, onFail: () => void): number {
    return this.transport.request(id, { method: HEALTHCHECK, key, path }, {
      settle: () => this.answered(id),
      // A refusal is an answer: the service may be gone while the node is well.
      fail: error => error instanceof RequestRefused ? this.answered(id) : onFail()
    })
  }
}
