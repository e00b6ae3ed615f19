import type { EventGroup } from './event-groups'

/** Something for each of some groups, found by the path and the event of the group. */
export class EventGroupMap<T> {
  private readonly byPath = new Map<string, Map<string, Map<string, T>>>()
  private count = 0

  /** How many groups there are. */
  get size (): number {
    return this.count
  }

  /** The groups of an event, by their names; undefined where there are none. Each event reads them. */
  of (path: string, event: string): ReadonlyMap<string, T> | undefined {
    return this.count === 0 ? undefined : this.byPath.get(path)?.get(event)
  }

  /** The events of a path that have groups. */
  eventsOf (path: string): Iterable<string> {
    return this.byPath.get(path)?.keys() ?? []
  }

  get ({ path, event, group }: EventGroup): T | undefined {
    return this.byPath.get(path)?.get(event)?.get(group)
  }

  set ({ path, event, group }: EventGroup, value: T): void {
    const ofPath = this.byPath.get(path) ?? new Map<string, Map<string, T>>()
    const ofEvent = ofPath.get(event) ?? new Map<string, T>()
    if (!ofEvent.has(group)) this.count++
    this.byPath.set(path, ofPath.set(event, ofEvent.set(group, value)))
  }

  delete ({ path, event, group }: EventGroup): void {
    const ofPath = this.byPath.get(path)
    const ofEvent = ofPath?.get(event)
    if (ofPath === undefined || ofEvent?.delete(group) !== true) return
    this.count--
    if (ofEvent.size === 0) ofPath.delete(event)
    if (ofPath.size === 0) this.byPath.delete(path)
  }

  clear (): void {
    this.byPath.clear()
    this.count = 0
  }
}
