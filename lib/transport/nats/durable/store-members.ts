import { setTimeout as pause } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { messageOf } from '../../../printable'
import type { DurableGroup, DurableMember, OnStored, StoredEvent } from '../../event-store'
import { GroupConsumer } from './group-consumer'
import type { JsApi, JsConsumer } from './jetstream'
import { ensureConsumer, hasConsumer, type ConsumerPlace, type StreamPlace } from './streams'

/** Characters of a group in the name of its consumer, for people. */
const MAX_READABLE = 32
/** Time until a member that was added by a connection, and could not begin, tries again. */
const RETRY_MS = 200

/** The names of groups on the server. */
export interface GroupSubjects {
  /** Where the events of a group are kept: one for each secret of the mesh. */
  durables (path: string, event: string): readonly string[]
  stream (kind: 'durable' | 'dead'): StreamPlace
}

/** What {@link StoreMembers} need of their store. */
export interface StoreMembersOptions {
  readonly subjects: GroupSubjects
  /** Opens what the server kept. @throws MalformedMessage */
  readonly open: (bytes: Uint8Array) => string
  /** What the server tells people of the consumer of a group. */
  readonly describe: (group: DurableGroup) => string | undefined
  /** Makes a dead letter of an event; resolves when it is kept. */
  readonly bury: (group: DurableGroup, event: StoredEvent, reason: string) => Promise<void>
  readonly onUnreadable: (reason: string) => void
  readonly onFailure: (reason: string) => void
}

/** A member, and its consumers: one for each secret of the mesh. */
interface Member {
  readonly group: DurableGroup
  readonly onStored: OnStored
  readonly consumers: Map<string, GroupConsumer>
  /** The connection by which each consumer gets events, by its name. */
  readonly begun: Map<string, JsApi>
  /** The names of those that it was to have at first. */
  first?: ReadonlySet<string>
}

/** What this node is a member of. */
export class StoreMembers {
  private readonly members = new Set<Member>()
  /** Raised when what is being made by a connection has come too late. */
  private life = 0
  private isLeaving = false

  constructor (private readonly options: StoreMembersOptions) {}

  /** Adds a member. @param api - the connection, where there is one */
  add (group: DurableGroup, onStored: OnStored, api: JsApi | undefined): DurableMember {
    const member: Member = { group, onStored, consumers: new Map(), begun: new Map() }
    this.members.add(member)
    if (api !== undefined && !this.isLeaving) void this.beginInTime(member, api)
    return {
      leave: async () => {
        this.members.delete(member)
        await leave(member)
      }
    }
  }

  /**
   * All get events by a connection: when there is one, and again when the secret of the mesh may have been replaced, as
   * events that are named by a new one are got as well. A member that can't begin keeps no other one from it.
   *
   * @throws what the first of those met that could not begin
   */
  async begin (api: JsApi): Promise<void> {
    if (this.isLeaving) return
    const { life } = this
    const errors: unknown[] = []
    for (const member of this.members) {
      if (life !== this.life) return
      await this.beginOne(member, api).catch((error: unknown) => errors.push(error))
    }
    if (errors.length > 0) throw errors[0]
  }

  /** The connection is lost. */
  end (): void {
    this.life++
    for (const { consumers } of this.members) for (const consumer of consumers.values()) consumer.end()
  }

  /** The node has left the mesh. */
  clear (): void {
    this.end()
    this.isLeaving = false
    for (const { consumers, begun } of this.members) {
      consumers.clear()
      begun.clear()
    }
  }

  /** They get nothing new; resolves when their listeners are done. */
  async leave (): Promise<void> {
    this.life++
    this.isLeaving = true
    await Promise.all([...this.members].map(leave))
  }

  /** Begins, again and again where that fails, while the connection lasts. Never throws. */
  private async beginInTime (member: Member, api: JsApi): Promise<void> {
    const { life } = this
    while (life === this.life && this.members.has(member)) {
      try {
        return await this.beginOne(member, api)
      } catch (error) {
        this.options.onFailure(messageOf(error))
        await pause(RETRY_MS)
      }
    }
  }

  /** Makes the consumers of a member, and begins to get events by those that don't do so yet. */
  private async beginOne (member: Member, api: JsApi): Promise<void> {
    const { manager, client } = api
    const { life } = this
    const { group, consumers, begun } = member
    const places = this.placesOf(group)
    const first = member.first ??= new Set(places.map(({ name }) => name))
    const isWanted = ({ name }: ConsumerPlace): boolean => begun.get(name) !== api
    if (!places.some(isWanted)) return
    const areThere: boolean[] = []
    for (const place of places) areThere.push(await hasConsumer(manager, place))
    for (const [n, place] of places.entries()) {
      if (!isWanted(place)) continue
      // While the secret is replaced, a group that is known gets all events that are named by the new one: it is listed
      // first, or has come while this node runs. One behind those that are there belongs to a group that is being made.
      const others = first.has(place.name) ? areThere.slice(n + 1) : areThere
      const beginsAtStart = areThere[n] === false && others.includes(true)
      const find = async (): Promise<JsConsumer> => {
        await ensureConsumer(manager, place, group, beginsAtStart)
        return await client.consumers.get(place.stream, place.name)
      }
      await ensureConsumer(manager, place, group, beginsAtStart)
      // Nobody would end it.
      if (life !== this.life || !this.members.has(member)) return
      if (!isWanted(place)) continue
      const consumer = consumers.get(place.name) ?? this.makeConsumer(member)
      consumers.set(place.name, consumer)
      begun.set(place.name, api)
      consumer.begin(find, api.say)
    }
  }

  private makeConsumer ({ group, onStored }: Member): GroupConsumer {
    const { open, bury, onUnreadable, onFailure } = this.options
    return new GroupConsumer({
      group,
      onStored,
      open,
      bury: async (stored, reason) => await bury(group, stored, reason),
      onUnreadable,
      onFailure
    })
  }

  private placesOf (joined: DurableGroup): ConsumerPlace[] {
    const { subjects } = this.options
    const { path, event, group } = joined
    const description = this.options.describe(joined)
    const readable = group.replace(/[^\w-]/g, '').slice(0, MAX_READABLE)
    return subjects.durables(path, event).map(filter => {
      const hash = createHash('sha256').update(JSON.stringify([filter, group])).digest('base64url')
      return { stream: subjects.stream('durable').name, name: `${readable}-${hash.slice(0, 22)}`, filter, description }
    })
  }
}

async function leave ({ consumers }: Member): Promise<void> {
  await Promise.all([...consumers.values()].map(async consumer => await consumer.leave()))
}
