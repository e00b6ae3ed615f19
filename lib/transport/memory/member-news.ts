import { setImmediate as nextTurn } from 'node:timers/promises'

/** One member of a network, as others hear of it. */
export interface NewsMember {
  readonly id: string
  /** Learns that another member has joined, or has changed what it offers. */
  notifyJoined (other: this): void
}

/**
 * Tells the members of a network who has joined, and who has changed what it offers. It does so once in a turn of the
 * event loop, and tells one member all that is new before the next one: where hundreds start together, each of them has
 * a table of all others, and to go from table to table for every one that joins takes twice as long.
 */
export class MemberNews<M extends NewsMember> {
  private joining = new Set<M>()
  private changed = new Set<M>()
  private telling: Promise<void> | undefined

  /** @param members - by their ids; a node gets there when it has joined */
  constructor (private readonly members: Map<string, M>) {}

  /** Makes a node a member. Resolves when all members know it, and it knows them. */
  async join (member: M): Promise<void> {
    this.joining.add(member)
    await this.tellLater()
  }

  /** A member has changed what it offers. Resolves when all others know. */
  async change (member: M): Promise<void> {
    this.changed.add(member)
    await this.tellLater()
  }

  private async tellLater (): Promise<void> {
    this.telling ??= this.tellOnce()
    await this.telling
  }

  private async tellOnce (): Promise<void> {
    await nextTurn()
    this.telling = undefined
    this.tell()
  }

  private tell (): void {
    const { members, joining, changed } = this
    this.joining = new Set()
    this.changed = new Set()
    for (const member of joining) members.set(member.id, member)
    const news = new Set([...joining, ...changed])
    const all = [...members.values()]
    for (const member of all) {
      for (const other of joining.has(member) ? all : news) {
        // It may have gone before it was its turn, also as a listener of another one made it leave.
        if (other !== member && this.has(member) && this.has(other)) member.notifyJoined(other)
      }
    }
  }

  private has (member: M): boolean {
    return this.members.get(member.id) === member
  }
}
