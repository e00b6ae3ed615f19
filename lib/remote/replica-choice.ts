import type { Host } from '../registry/mesh-node'

/** Chooses among replicas: the one with the fewest calls of this node under way, in turn among equals. */
export class ReplicaChoice {
  private readonly pending = new Map<string, number>()
  private turn = 0

  /** The replica for the next call; undefined when there is none. */
  pick (hosts: readonly Host[]): Host | undefined {
    if (hosts.length < 2) return hosts[0]
    const first = this.turn++ % hosts.length
    let best: Host | undefined
    let fewest = Infinity
    for (let n = 0; n < hosts.length; n++) {
      const host = hosts[(first + n) % hosts.length]
      const pending = host === undefined ? Infinity : this.pending.get(host.node.id) ?? 0
      if (pending >= fewest) continue
      fewest = pending
      best = host
    }
    return best
  }

  started ({ node }: Host): void {
    this.pending.set(node.id, (this.pending.get(node.id) ?? 0) + 1)
  }

  finished ({ node }: Host): void {
    const pending = (this.pending.get(node.id) ?? 1) - 1
    if (pending > 0) this.pending.set(node.id, pending)
    else this.pending.delete(node.id)
  }
}
