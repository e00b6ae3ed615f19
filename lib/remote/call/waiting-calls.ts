import type { Registry } from '../../registry/registry'

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
  /** Why nothing is waited for; undefined while the node is on the mesh, or on its way there. */
  closed: string | undefined
  private readonly byPath = new Map<string, Set<WaitingCall>>()

  /** @param limit - how many may wait */
  constructor (registry: Registry, private readonly limit: number) {
    registry.on('service', ({ path }) => this.wake(path))
    registry.on('service-changed', ({ path }) => this.wake(path))
  }

  /** Lets a call wait; false when too many wait already. */
  add (path: string, call: WaitingCall): boolean {
    if (this.closed !== undefined) {
      call.giveUp(this.closed)
      return true
    }
    if (this.byPath.get(path)?.has(call) !== true && this.size >= this.limit) return false
    this.await(path, call)
    return true
  }

  /** Lets somebody wait whom the limit does not concern. */
  await (path: string, call: WaitingCall): void {
    const calls = this.byPath.get(path) ?? new Set()
    if (calls.has(call)) return
    this.byPath.set(path, calls.add(call))
    this.size++
  }

  delete (path: string, call: WaitingCall): void {
    // Each call that ends asks, and hardly ever one waits.
    if (this.size === 0) return
    const calls = this.byPath.get(path)
    if (calls?.delete(call) !== true) return
    this.size--
    if (calls.size === 0) this.byPath.delete(path)
  }

  /** The node is on the mesh, or will be: it is worth while to wait. */
  open (): void {
    this.closed = undefined
  }

  /** The node is not on the mesh: nobody will come, and calls that come have nothing to wait for. */
  close (reason = 'this node has left the mesh'): void {
    this.closed = reason
    const calls = [...this.byPath.values()].flatMap(waiting => [...waiting])
    for (const call of calls) call.giveUp(reason)
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
