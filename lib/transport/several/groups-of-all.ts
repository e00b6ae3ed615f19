import type { EventGroup, GroupInterest, GroupMembers, TransportGroups } from '../event-groups'
import type { Transport } from '../transport'

/** The groups of a node with several transports, which know the same members. */
export class GroupsOfAll implements TransportGroups {
  constructor (private readonly transports: readonly Transport[]) {}

  join (path: string, groups: readonly GroupInterest[], since?: number): void {
    for (const each of this.all) each.join(path, groups, since)
  }

  async settled (): Promise<void> {
    await Promise.all(this.all.map(async each => await each.settled()))
  }

  async leave (limitMs: number): Promise<void> {
    await Promise.all(this.all.map(async each => await each.leave(limitMs)))
  }

  of (path: string, event: string): ReadonlyMap<string, GroupMembers> | undefined {
    return this.all[0]?.of(path, event)
  }

  tellLoss (groups: readonly EventGroup[]): void {
    this.all[0]?.tellLoss(groups)
  }

  private get all (): readonly TransportGroups[] {
    return this.transports.flatMap(({ groups }) => groups ?? [])
  }
}
