import type { Contract } from '../../../contract/contract'
import type { EventGroup } from '../../event-groups'
import type { PathInterest } from './interest'
import type { SubscribeParams } from './subscribe-request'

const NO_GROUPS: readonly EventGroup[] = []

/** What a node wants of the events of one peer. */
export class DesiredEvents {
  /** The paths of all its events: of some it may want only those that its groups are chosen for. */
  readonly paths: ReadonlySet<string>

  /** @param plain - the paths of which it wants all events */
  constructor (readonly plain: ReadonlySet<string> = new Set(), readonly groups = NO_GROUPS) {
    this.paths = groups.length === 0 ? plain : new Set([...plain, ...groups.map(({ path }) => path)])
  }

  /** What a node wants of a peer with these contracts. @param key - that of the peer */
  static of (contracts: readonly Contract[], interest: PathInterest, key: string): DesiredEvents {
    const plain = new Set<string>()
    const groups: EventGroup[] = []
    for (const { path } of contracts) {
      if (interest.has(path)) plain.add(path)
      const joined = interest.groupsOf?.(path, key) ?? NO_GROUPS
      for (const group of joined) groups.push(group)
    }
    return new DesiredEvents(plain, groups.length === 0 ? NO_GROUPS : groups)
  }

  /** The same without groups, for a peer that knows none. */
  get withoutGroups (): DesiredEvents {
    return this.groups.length === 0 ? this : new DesiredEvents(this.plain)
  }

  /** The groups as they are sent. */
  get params (): Pick<SubscribeParams, 'groups'> {
    if (this.groups.length === 0) return {}
    return { groups: this.groups.map(({ path, event, group }) => [path, event, group] as const) }
  }

  /** Whether a peer that was told the one need not be told the other. */
  isSame ({ plain, groups }: DesiredEvents): boolean {
    if (plain.size !== this.plain.size || groups.length !== this.groups.length) return false
    for (const path of plain) if (!this.plain.has(path)) return false
    return groups.every(({ path, event, group }, at) => {
      const { [at]: other } = this.groups
      return other.path === path && other.event === event && other.group === group
    })
  }
}
