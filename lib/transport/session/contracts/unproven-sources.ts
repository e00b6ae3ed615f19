import { NameCounts } from '../../../collections/name-counts'
import type { ListSource } from './list-source'

/** Nodes that have joined by a list that was known, and have not answered themselves. */
const MAX_UNPROVEN = 1_000
/** Those of them whose hellos came from one address: one sender must not use up the room of all others. */
const MAX_UNPROVEN_AT_ADDRESS = 250

/** The nodes that are trusted to offer what their hellos tell. */
export class UnprovenSources {
  /** Each with the address that it is counted at. */
  private readonly addresses = new Map<ListSource, string>()
  private readonly counts = new NameCounts()

  /** Trusts a node; returns whether there was room for it. */
  add (source: ListSource): boolean {
    if (this.addresses.has(source)) return true
    const { address } = source
    if (this.addresses.size >= MAX_UNPROVEN || this.counts.of(address) >= MAX_UNPROVEN_AT_ADDRESS) return false
    this.addresses.set(source, address)
    this.counts.add([address])
    return true
  }

  /** A node has answered, or is gone. */
  delete (source: ListSource): void {
    const address = this.addresses.get(source)
    if (address === undefined) return
    this.addresses.delete(source)
    this.counts.remove([address])
  }

  /** Forgets all of them. */
  clear (): void {
    this.addresses.clear()
    this.counts.clear()
  }
}
