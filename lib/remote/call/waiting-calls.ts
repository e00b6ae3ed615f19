import type { Registry } from '../../registry/registry'

/** A call that no node can take now. */
export interface WaitingCall {
  /** The hosts of its service changed. */
  wake (): void
  /** No node will take it. */
  giveUp (reason: string): void
}

/** The calls of a node that wait for a host, by the path of their service. */
export class WaitingCalls {
  size = 0
  /** Why calls don't wait; undefined while the node is on the mesh, or joins it. */
  closed: string | undefined
  private readonly byPath = new Map<string, Set<WaitingCall>>()

  /** @param maxCalls - how many may wait */
  constructor (registry: Registry, private readonly maxCalls: number) {
    registry.on('service', ({ path }) => this.wake(path))
    registry.on('service-changed', ({ path }) => this.wake(path))
  }

  /** Lets a call wait, or rejects it while the node is not on the mesh; false when too many wait already. */
  add (path: string, call: WaitingCall): boolean {
    if (this.closed !== undefined) {
      call.giveUp(this.closed)
      return true
    }
    if (this.byPath.get(path)?.has(call) !== true && this.size >= this.maxCalls) return false
    this.await(path, call)
    return true
  }

  /** Lets a call wait that the limit does not count for. */
  await (path: string, call: WaitingCall): void {
    const calls = this.byPath.get(path) ?? new Set()
    if (calls.has(call)) return
    this.byPath.set(path, calls.add(call))
    this.size++
  }

  delete (path: string, call: WaitingCall): void {
    // Called at the end of each call, and hardly any call waits.
    if (this.size === 0) return
    const calls = this.byPath.get(path)
    if (calls?.delete(call) !== true) return
    this.size--
    if (calls.size === 0) this.byPath.delete(path)
  }

  /** The node is on the mesh, or joins it: calls may wait. */
  open (): void {
    this.closed = undefined
  }

  /** The node is not on the mesh: rejects the calls that wait, and those that come later. */
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
