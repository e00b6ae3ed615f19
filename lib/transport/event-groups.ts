import type { Caller } from '../contract/contract'

/** Whether a peer may hear an event. */
export type Audience = (peer: Caller) => boolean

/** A group of listeners: each event of its name goes to one of them, whichever node they are on. */
export interface EventGroup {
  readonly path: string
  readonly event: string
  readonly group: string
}

/** A group that a node takes part in, of the events of a path. */
export interface GroupInterest extends Pick<EventGroup, 'event' | 'group'> {
  /** The key of the publishers: others may have another service on the same path. @default any */
  readonly key?: string
}

/** A node that is a member of a group, as the publisher sees it. */
export interface GroupMember {
  readonly caller: Caller
  /** Whether too much waits for it already. */
  readonly isBehind: boolean
}

/** The members of a group that a transport reaches. */
export interface GroupMembers {
  readonly members: readonly GroupMember[]
  /** Whose turn it is: whoever chooses counts on. */
  turn: number
}

/** Which members of groups get an event, and who else may hear it. */
export interface GroupChoice {
  readonly audience: Audience | undefined
  /** The groups of each chosen node, by its id. */
  readonly byNode: ReadonlyMap<string, readonly string[]>
  /** The groups for which the publishing node itself is chosen. */
  readonly own: readonly string[]
  /** The groups of which nobody can take the event: all are behind, or their connections are lost. */
  readonly lost: readonly string[]
}

/** What a transport knows of groups. */
export interface TransportGroups {
  /**
   * Makes this node a member of these groups of a path, and of no other groups of it.
   *
   * @param since - since when there are listeners, as `performance.now()` gives it
   */
  join (path: string, groups: readonly GroupInterest[], since?: number): void
  /** Resolves when peers know which groups this node is in, and what they sent before has come. */
  settled (): Promise<void>
  /**
   * Leaves all groups until the node starts again; resolves as {@link TransportGroups.settled} does.
   *
   * @param limitMs - how long it may take
   */
  leave (limitMs: number): Promise<void>
  /** The groups that peers are in, of an event of this node; undefined where there are none. */
  of (path: string, event: string): ReadonlyMap<string, GroupMembers> | undefined
  /** Tells the members of these groups that events may be lost with a member that is gone. */
  tellLoss (groups: readonly EventGroup[]): void
}

/** Adds to a choice. */
class Choosing implements GroupChoice {
  readonly byNode = new Map<string, string[]>()
  readonly own: string[] = []
  readonly lost: string[] = []

  constructor (readonly audience: Audience | undefined) {}

  /** Chooses for one group. @param hasOwn - whether the publishing node is a member itself */
  add (name: string, group: GroupMembers | undefined, hasOwn: boolean): void {
    const { members } = group ?? NOBODY
    const candidates = members.length + (hasOwn ? 1 : 0)
    const first = group === undefined ? 0 : group.turn++
    let isForbidden = candidates > 0
    for (let n = 0; n < candidates; n++) {
      const member = members[(first + n) % candidates]
      if (member === undefined) return void this.own.push(name)
      if (this.audience?.(member.caller) === false) continue
      isForbidden = false
      if (!member.isBehind) return this.give(member, name)
    }
    if (!isForbidden) this.lost.push(name)
  }

  private give ({ caller: { node = '' } }: GroupMember, name: string): void {
    const groups = this.byNode.get(node)
    if (groups === undefined) this.byNode.set(node, [name])
    else groups.push(name)
  }
}

const NOBODY: Pick<GroupMembers, 'members'> = { members: [] }

/**
 * Chooses one member of each group, in turns, among those that may hear the event and keep up.
 *
 * @param groups - those that peers are in
 * @param own - those that the publishing node is in itself
 * @param audience - which peers may hear the event
 */
export function chooseMembers (
  groups: ReadonlyMap<string, GroupMembers> | undefined, own: readonly string[] | undefined,
  audience: Audience | undefined
): GroupChoice {
  const choosing = new Choosing(audience)
  for (const [name, group] of groups ?? []) choosing.add(name, group, own?.includes(name) === true)
  for (const name of own ?? []) if (groups?.has(name) !== true) choosing.add(name, undefined, true)
  return choosing
}
