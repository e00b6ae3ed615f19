import type { Registry } from '../registry/registry'

/** A call that nobody can take now. */
export interface WaitingCall {
  /** The hosts of its service are others than before. */
  wake (): void
  /** There is nothing more to wait for. */
  giveUp (reason: string): void
}

/** The calls of a node that wait for a host, by the path of their service. */
export class WaitingCalls {
  size = 0
  private readonly byPath = new Map<string, Set<WaitingCall>>()

  /** @param limit - how many may wait */
  constructor (registry: Registry, private readonly limit: number) {
    registry.on('service', ({ path }) => this.wake(path))
    registry.on('service-changed', ({ path }) => this.wake(path))
  }

  /** False when too many wait already. */
  add (path: string, call: WaitingCall): boolean {
    const calls = this.byPath.get(path) ?? new Set()
    if (calls.has(call)) return true
    if (this.size >= this.limit) return false
    this.byPath.set(path, calls.add(call))
    this.size++
    return true
  }

  delete (path: string, call: WaitingCall): void {
    const calls = this.byPath.get(path)
    if (calls?.delete(call) !== true) return
    this.size--
    if (calls.size === 0) this.byPath.delete(path)
  }

  /** The node leaves the mesh: nobody will come any more. */
  close (): void {
    const calls = [...this.byPath.values()].flatMap(waiting => [...waiting])
    for (const call of calls) call.giveUp('this node has left the mesh')
    this.byPath.clear()
    this.size = 0
  }

  private wake (path: string): void {
    const calls = [...this.byPath.get(path) ?? []]
    for (const call of calls) {
      this.delete(path, call)
      call.wake()
    }
  }
}
