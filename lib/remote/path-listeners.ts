import type { Listener } from './listener'

/**
 * The listeners of events, by path and event, in the order in which they were added.
 *
 * A list is never changed, only replaced, so events are emitted over it as it is: a listener may add and remove others.
 */
export class PathListeners {
  private readonly byPath = new Map<string, Map<string, readonly Listener[]>>()

  /** Whether a path has any. */
  has (path: string): boolean {
    return this.byPath.has(path)
  }

  /** The listeners of an event; undefined where there are none. */
  of (path: string, event: string): readonly Listener[] | undefined {
    return this.byPath.get(path)?.get(event)
  }

  /** The events of a path that have listeners. */
  eventsOf (path: string): readonly string[] {
    return [...this.byPath.get(path)?.keys() ?? []]
  }

  add (path: string, event: string, listener: Listener): void {
    let byEvent = this.byPath.get(path)
    if (byEvent === undefined) this.byPath.set(path, byEvent = new Map<string, readonly Listener[]>())
    byEvent.set(event, [...byEvent.get(event) ?? [], listener])
  }

  /** Removes a listener, that which was added last if it was added several times. @returns whether there was one */
  delete (path: string, event: string, listener: Listener): boolean {
    const byEvent = this.byPath.get(path)
    const listeners = byEvent?.get(event)
    if (byEvent === undefined || listeners === undefined) return false
    const at = listeners.map(each => isSame(each, listener)).lastIndexOf(true)
    if (at === -1) return false
    if (listeners.length > 1) byEvent.set(event, listeners.filter((_each, n) => n !== at))
    else byEvent.delete(event)
    if (byEvent.size === 0) this.byPath.delete(path)
    return true
  }
}

/** Whether a listener is the one that is to be removed, or was made from it, as an emitter of Node decides. */
export function isSame (listener: Listener & { readonly listener?: unknown }, removed: Listener): boolean {
  return listener === removed || listener.listener === removed
}
