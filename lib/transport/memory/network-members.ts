import type { KnownLists } from '../session/contracts/known-lists'
import type { MemoryEvents } from './memory-events'
import type { MemberNews, NewsMember } from './member-news'
import type { Wire } from './memory-link'

/** What all nodes of a network share. @typeParam M - what each of them is */
export interface Shared<M extends NewsMember> {
  /** The nodes that have joined, by their ids. */
  readonly members: Map<string, M>
  /** Tells them of each other. */
  readonly news: MemberNews<M>
  readonly wire: Wire
  /** The lists of contracts that nodes offer. */
  readonly lists: KnownLists
  /** The durable events of all nodes. */
  readonly events: MemoryEvents
  readonly isCut: (one: string, other: string) => boolean
}
