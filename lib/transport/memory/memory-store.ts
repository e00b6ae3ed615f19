import { messageOf } from '../../printable'
import { within } from '../drain'
import { withoutMessage } from '../durable/stored-text'
import {
  NotStored, type DeadLetter, type DeadLetters, type DurableGroup, type DurableGroupLag, type DurableMember,
  type EventStore, type LetterSelection, type OnStored, type OpenedLetter
} from '../event-store'
import type { EventMessage } from '../transport'
import type { MemoryEvents } from './memory-events'
import { MemoryMember, type MemoryGroup } from './memory-group'

/** A member that joins when its node does. */
interface Joining {
  readonly group: DurableGroup
  readonly onStored: OnStored
  joined?: { readonly group: MemoryGroup, readonly member: MemoryMember }
}

const DEFAULT_LIMIT = 100

/** One node's view of the events that its network keeps. */
export class MemoryStore implements EventStore {
  private nodeId: string | undefined
  private readonly members = new Set<Joining>()
  readonly deadLetters: DeadLetters

  constructor (private readonly events: MemoryEvents) {
    this.deadLetters = new MemoryLetters(events)
  }

  faults (): readonly string[] {
    return []
  }

  use (): void {}

  async publish (message: EventMessage): Promise<void> {
    if (this.nodeId === undefined) throw new NotStored('this node is not on the mesh')
    try {
      this.events.add(message)
    } catch (error) {
      throw new NotStored(messageOf(error), { cause: error })
    }
  }

  join (group: DurableGroup, onStored: OnStored): DurableMember {
    const joining: Joining = { group, onStored }
    this.members.add(joining)
    if (this.nodeId !== undefined) this.begin(joining, this.nodeId)
    return {
      leave: async () => {
        this.members.delete(joining)
        await leave(joining)
      }
    }
  }

  async groups (): Promise<readonly DurableGroupLag[]> {
    return this.events.lags
  }

  /** The node is on the mesh. */
  start (nodeId: string): void {
    this.nodeId = nodeId
    for (const joining of this.members) this.begin(joining, nodeId)
  }

  /** Whether listeners of the node are members of groups. */
  get hasMembers (): boolean {
    return this.members.size > 0
  }

  /** The node gets no new events; resolves when its listeners are done, or when the time is over. */
  async leave (limitMs: number): Promise<void> {
    await within(limitMs, Promise.all([...this.members].map(leave)))
    if (this.nodeId !== undefined) this.events.lose(this.nodeId)
  }

  /** The node has left the mesh, or is lost. */
  stop (): void {
    if (this.nodeId !== undefined) this.events.lose(this.nodeId)
    for (const joining of this.members) joining.joined = undefined
    this.nodeId = undefined
  }

  private begin (joining: Joining, nodeId: string): void {
    const member = new MemoryMember(nodeId, joining.onStored)
    joining.joined = { member, group: this.events.join(joining.group, member) }
  }
}

async function leave ({ joined }: Joining): Promise<void> {
  if (joined === undefined) return
  joined.group.remove(joined.member)
  await joined.member.idle.wait()
}

class MemoryLetters implements DeadLetters {
  constructor (private readonly events: MemoryEvents) {}

  async list ({ after = 0, limit = DEFAULT_LIMIT }: LetterSelection = {}): Promise<readonly DeadLetter[]> {
    const ids = this.events.letterIds.filter(id => id > after).slice(0, limit)
    return ids.map(id => this.events.letter(id)).filter(letter => letter !== undefined).map(withoutMessage)
  }

  async get (id: number): Promise<OpenedLetter | undefined> {
    return this.events.letter(id)
  }

  async resend (id: number): Promise<boolean> {
    const letter = this.events.letter(id)
    if (letter === undefined) return false
    this.events.add({ ...letter.message, groups: [letter.group] })
    this.events.removeLetter(id)
    return true
  }
}
