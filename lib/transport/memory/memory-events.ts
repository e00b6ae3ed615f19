import { meshNow } from '../../clock'
import { RecentMap } from '../../collections/recent-map'
import { letterText, readLetter, readStored, storedText, type LetterFacts } from '../durable/stored-text'
import type { DurableGroup, DurableGroupLag, OpenedLetter, StartAt } from '../event-store'
import type { EventMessage } from '../transport'
import { MemoryGroup, type EventLog, type KeptEvent, type MemoryMember } from './memory-group'

/** Events that a network keeps, the last ones. */
const MAX_KEPT_EVENTS = 100_000
/** Dead letters that it keeps, the last ones. */
const MAX_DEAD_LETTERS = 10_000

/** The events that the nodes of a memory network keep together, as a server would. */
export class MemoryEvents implements EventLog {
  private kept: KeptEvent[] = []
  private first = 1
  private readonly groups = new Map<string, MemoryGroup>()
  private readonly letters = new RecentMap<number, { readonly text: string, readonly time: Date }>(MAX_DEAD_LETTERS)
  private lastLetter = 0

  /** The number that the next event gets. */
  get end (): number {
    return this.first + this.kept.length
  }

  /** Keeps an event. */
  add (message: EventMessage): void {
    const { path, event } = message
    this.kept.push({ sequence: this.end, time: new Date(meshNow()), path, event, text: storedText(message) })
    if (this.kept.length >= 2 * MAX_KEPT_EVENTS) this.forget()
    for (const group of this.groups.values()) group.give()
  }

  /** The first event for a group that has at least this number. */
  from (sequence: number, { path, event }: Pick<DurableGroup, 'path' | 'event'>): KeptEvent | undefined {
    for (let at = Math.max(0, sequence - this.first); at < this.kept.length; at++) {
      const { [at]: kept } = this.kept
      if (kept.path === path && kept.event === event) return kept
    }
    return undefined
  }

  /** A node takes part in a group, which exists from now on. */
  join (group: DurableGroup, member: MemoryMember): MemoryGroup {
    const name = JSON.stringify([group.path, group.event, group.group])
    const known = this.groups.get(name) ?? new MemoryGroup(group, this, this.startOf(group.from))
    this.groups.set(name, known)
    known.add(group, member)
    return known
  }

  /** How far behind each group is. */
  get lags (): readonly DurableGroupLag[] {
    return [...this.groups.values()].map(group => group.lag)
  }

  /** How many events there are for a group that have at least this number. */
  countFrom (sequence: number, { path, event }: Pick<DurableGroup, 'path' | 'event'>): number {
    const later = this.kept.slice(Math.max(0, sequence - this.first))
    return later.filter(kept => kept.path === path && kept.event === event).length
  }

  /** A node is gone from one moment to the next. */
  lose (nodeId: string): void {
    for (const group of this.groups.values()) group.lose(nodeId)
  }

  /** An event that a group gives up. */
  bury (
    { text, sequence }: KeptEvent, { path, event, group }: DurableGroup,
    facts: Pick<LetterFacts, 'deliveries' | 'reason'>
  ): void {
    const letter = letterText({ path, event, group, sequence, ...facts }, readStored(text))
    this.letters.set(++this.lastLetter, { text: letter, time: new Date(meshNow()) })
  }

  /** A dead letter; undefined where there is none with this id. */
  letter (id: number): OpenedLetter | undefined {
    const found = this.letters.get(id)
    return found === undefined ? undefined : readLetter(found.text, { id, time: found.time })
  }

  /** The ids of all dead letters, the oldest first. */
  get letterIds (): readonly number[] {
    return [...this.letters.keys()].sort((one, other) => one - other)
  }

  removeLetter (id: number): void {
    this.letters.delete(id)
  }

  private startOf (from: StartAt | undefined): number {
    if (from === undefined) return this.end
    if (from === 'start') return this.first
    if (typeof from === 'number') return from
    return this.kept.find(({ time }) => time >= from)?.sequence ?? this.end
  }

  /** In large steps: the list is long. */
  private forget (): void {
    const dropped = this.kept.length - MAX_KEPT_EVENTS
    this.kept = this.kept.slice(dropped)
    this.first += dropped
  }
}
