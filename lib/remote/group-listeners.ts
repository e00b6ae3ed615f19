import { MAX_GROUPS, MAX_GROUPS_OF_EVENT } from '../contract/contract-bounds'
import { ConfigurationError } from '../errors'
import { printablePart } from '../printable'
import { EventGroupMap } from '../transport/event-group-map'
import type { EventGroup, GroupInterest } from '../transport/event-groups'
import type { Listener } from './listener'
import { isSame } from './path-listeners'

/** The listeners of one group on this node. */
interface LocalGroup {
  readonly listeners: Listener[]
  turn: number
  /** The last one, while publishers may have chosen this node before they knew that it was removed. */
  leaving: Listener | undefined
}

/** The listeners of groups on this node, by path, event and group. */
export class GroupListeners {
  private readonly locals = new EventGroupMap<LocalGroup>()

  /** Whether there are any. */
  get isEmpty (): boolean {
    return this.locals.size === 0
  }

  /** Whether there are any of a path. */
  has (path: string): boolean {
    return this.groupsOf(path).length > 0
  }

  /** Whether a listener of a path hears anything: also one that was removed, until {@link GroupListeners.forget}. */
  mayHear (path: string): boolean {
    return [...this.locals.eventsOf(path)].length > 0
  }

  /**
   * Adds a listener.
   *
   * @throws {@link ConfigurationError} for more groups than peers take this node for a member of
   */
  add (path: string, event: string, group: string, listener: Listener): void {
    const name = { path, event, group }
    const known = this.locals.get(name)
    if (known !== undefined) return void known.listeners.push(listener)
    this.checkRoom(path, event)
    this.locals.set(name, { listeners: [listener], turn: 0, leaving: undefined })
  }

  /**
   * Removes a listener, from whichever group it is in. The last one of a group hears what publishers chose this node
   * for, until {@link GroupListeners.forget}.
   *
   * @returns what to forget when they know; undefined where other listeners are left, or it was none
   */
  delete (path: string, event: string, listener: Listener): { readonly forget?: () => void } | undefined {
    for (const [group, local] of this.locals.of(path, event) ?? []) {
      const at = local.listeners.findIndex(each => isSame(each, listener))
      const { [at]: removed } = local.listeners
      if (removed === undefined) continue
      local.listeners.splice(at, 1)
      if (local.listeners.length > 0) return {}
      local.leaving = removed
      return { forget: () => this.forget({ path, event, group }) }
    }
    return undefined
  }

  /** The names of the groups of an event; undefined where there are none. */
  namesOf (path: string, event: string): readonly string[] | undefined {
    const groups = this.locals.of(path, event)
    if (groups === undefined) return undefined
    const names = [...groups].filter(([, { listeners }]) => listeners.length > 0).map(([name]) => name)
    return names.length > 0 ? names : undefined
  }

  /** The groups of a path that have listeners. */
  groupsOf (path: string): GroupInterest[] {
    return [...this.locals.eventsOf(path)].flatMap(event =>
      (this.namesOf(path, event) ?? []).map(group => ({ event, group })))
  }

  /** The listener of a group whose turn it is; undefined where there is none. */
  next (path: string, event: string, group: string): Listener | undefined {
    const local = this.locals.get({ path, event, group })
    if (local === undefined) return undefined
    const { listeners, leaving } = local
    return listeners.length === 0 ? leaving : listeners[local.turn++ % listeners.length]
  }

  private checkRoom (path: string, event: string): void {
    const place = `a listener of '${printablePart(event)}' of '${printablePart(path)}'`
    if ((this.locals.of(path, event)?.size ?? 0) >= MAX_GROUPS_OF_EVENT) {
      throw new ConfigurationError([`${place}: a node is in at most ${MAX_GROUPS_OF_EVENT} groups of one event`])
    }
    if (this.locals.size >= MAX_GROUPS) throw new ConfigurationError([`${place}: a node is in at most ${MAX_GROUPS} groups`])
  }

  private forget (name: EventGroup): void {
    const local = this.locals.get(name)
    if (local === undefined) return
    local.leaving = undefined
    // A listener may have been added meanwhile.
    if (local.listeners.length === 0) this.locals.delete(name)
  }
}
