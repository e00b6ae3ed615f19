import type { ContractList } from './contract-list'

/** A node that can be asked for lists: that of its own, and those of the nodes that it knows. */
export interface ListSource {
  readonly id: string
  /** Where it is, for what is rejected of its answers. */
  readonly address: string
  /** Whether it has answered, and there is a connection to it. */
  readonly isConnected: boolean
  /** Whether it can be asked now: it is not asked already, and needs no pause. */
  readonly isFree: boolean
  /** Asks it for what {@link WantedLists.assign} returns. */
  fetch (): void
  /** The list that its hello tells of is here. */
  onList (list: ContractList): void
}
