import { ConfigurationError } from '../errors'
import type { EventGroup } from './event-groups'
import type { EventMessage } from './event-message'

/** Where a group begins that is new: at the first event that is kept, at a time, or at the number of an event. */
export type StartAt = 'start' | Date | number

/** A group whose events are kept for it: each is given to one member, again and again until one has handled it. */
export interface DurableGroup extends EventGroup {
  /** Whether an event is given to nobody before the one before it is handled. */
  readonly ordered: boolean
  /** Where the group begins, if it is new. @default behind the last event that is kept */
  readonly from?: StartAt
  /** Milliseconds after which events of a member that is gone are given to another one. */
  readonly ackTimeout: number
  /** How often an event is given, at most; then it is a dead letter. */
  readonly maxDeliveries: number
  /** How many events a member handles at a time. */
  readonly concurrency: number
}

/** An event that was kept, as a member of a group gets it. */
export interface StoredEvent {
  readonly message: EventMessage
  /** Its number among all events that are kept. */
  readonly sequence: number
  /** When it was kept, by the clock of who keeps it. */
  readonly time: Date
  /** How often it was given to a member of the group, this time included. */
  readonly delivery: number
}

/** Handles an event; it is given again if the promise rejects. */
export type OnStored = (event: StoredEvent) => Promise<void>

/** A member of a group. */
export interface DurableMember {
  /** Gets no new events; resolves when those are handled that it got. */
  leave (): Promise<void>
}

/** An event that no member of a group could handle. */
export interface DeadLetter {
  /** Its number among the dead letters. */
  readonly id: number
  readonly path: string
  readonly event: string
  readonly group: string
  /** Why it was given up: what the listener threw at last, without credentials. */
  readonly reason: string
  /** How often it was given to a member. */
  readonly deliveries: number
  /** Its number among the events that are kept. */
  readonly sequence: number
  /** When it was given up. */
  readonly time: Date
}

/** A dead letter with what the listeners got. */
export interface OpenedLetter extends DeadLetter {
  readonly message: EventMessage
}

/** Which dead letters to list. */
export interface LetterSelection {
  /** Only those with a higher id. @default 0 */
  readonly after?: number
  /** How many, at most. @default 100 */
  readonly limit?: number
}

/** The events that were given up. */
export interface DeadLetters {
  /** The dead letters, the oldest first. */
  list (selection?: LetterSelection): Promise<readonly DeadLetter[]>
  /** One of them, with its payload; undefined where there is none with this id. */
  get (id: number): Promise<OpenedLetter | undefined>
  /** Gives an event to its group once more, and to no other one. @returns whether there was a letter with this id */
  resend (id: number): Promise<boolean>
}

/** How far behind a durable group is. */
export interface DurableGroupLag {
  readonly path: string
  readonly event: string
  readonly group: string
  /** How many events no member was given so far. */
  readonly waiting: number
  /** How many events members handle now, or are given again after a pause. */
  readonly underWay: number
}

/** Keeps events until each group has handled them. One object serves one node. */
export interface EventStore {
  /** What keeps it from being used: a sentence each. */
  faults (): readonly string[]
  /** This node publishes events that are to be kept: what that needs is made when the node starts. */
  use (): void
  /**
   * Keeps an event; resolves when it is kept.
   *
   * @throws {@link NotStored}: it may have been kept nevertheless
   */
  publish (message: EventMessage): Promise<void>
  /** Becomes a member of a group, from the start of the node on. */
  join (group: DurableGroup, onStored: OnStored): DurableMember
  readonly deadLetters: DeadLetters
  /** All groups of the mesh, and how far behind each is. */
  groups (): Promise<readonly DurableGroupLag[]>
}

/** An event was not kept, as far as this node knows. The message is the end of a sentence. */
export class NotStored extends Error {
  override readonly name = 'NotStored'
}

/** What is wrong with durable events on a transport that keeps none: the end of a sentence. */
export const NO_STORE = 'the transport of this node keeps no events: use NATS with JetStream (transport: ' +
  "'nats://…'), or a MemoryNetwork in tests, or leave durable out"

/**
 * The store of a transport.
 *
 * @param what - what is asked of it: the beginning of a sentence
 * @throws {@link ConfigurationError} where the transport keeps no events
 */
export function usableStore (store: EventStore | undefined, what: string): EventStore {
  if (store === undefined) throw new ConfigurationError([`there are no ${what}, as ${NO_STORE}`])
  const faults = store.faults()
  if (faults.length > 0) throw new ConfigurationError(faults)
  return store
}

/** @throws {@link ConfigurationError} where a transport keeps no events */
export function lettersOf (store: EventStore | undefined): DeadLetters {
  return usableStore(store, 'dead letters').deadLetters
}

/** @throws {@link ConfigurationError} where a transport keeps no events */
export async function groupsOf (store: EventStore | undefined): Promise<readonly DurableGroupLag[]> {
  return await usableStore(store, 'durable groups').groups()
}
