import { NameCounts } from '../../../collections/name-counts'
import type { Contract } from '../../../contract/contract'
import type { ListSource } from './list-source'

/** Nodes that have joined by a list that was known, or in a hello, and have not answered themselves. */
const MAX_UNPROVEN = 1_000
/** Those of them whose hellos came from one address: one sender must not use up the room of all others. */
const MAX_UNPROVEN_AT_ADDRESS = 250
/** Services, methods and events in all their lists, equal ones counted once: nodes that answer need room as well. */
const MAX_UNPROVEN_NAMES = 50_000

interface Trusted {
  readonly address: string
  readonly offered: readonly Contract[]
}

/** The nodes that are trusted to offer what their hellos tell. */
export class UnprovenSources {
  private readonly trusted = new Map<ListSource, Trusted>()
  private readonly counts = new NameCounts()
  /** How many of them offer a list: nodes that offer the same share it. */
  private readonly lists = new Map<readonly Contract[], number>()
  private names = 0

  /** Whether hardly anything more fits in: what hellos carry need not be read then. */
  get isFull (): boolean {
    return this.trusted.size >= MAX_UNPROVEN || this.names > 0.9 * MAX_UNPROVEN_NAMES
  }

  /** Trusts a node to offer a list; returns whether there was room for it. */
  add (source: ListSource, offered: readonly Contract[]): boolean {
    if (this.trusted.get(source)?.offered === offered) return true
    this.delete(source)
    const { address } = source
    if (this.trusted.size >= MAX_UNPROVEN || this.counts.of(address) >= MAX_UNPROVEN_AT_ADDRESS) return false
    const sharing = this.lists.get(offered) ?? 0
    const names = sharing === 0 ? namesIn(offered) : 0
    if (this.names + names > MAX_UNPROVEN_NAMES) return false
    this.trusted.set(source, { address, offered })
    this.counts.add([address])
    this.lists.set(offered, sharing + 1)
    this.names += names
    return true
  }

  /** A node has answered, or is gone. */
  delete (source: ListSource): void {
    const trusted = this.trusted.get(source)
    if (trusted === undefined) return
    const { address, offered } = trusted
    this.trusted.delete(source)
    this.counts.remove([address])
    const sharing = this.lists.get(offered) ?? 0
    if (sharing > 1) return void this.lists.set(offered, sharing - 1)
    this.lists.delete(offered)
    this.names -= namesIn(offered)
  }

  /** Forgets all of them. */
  clear (): void {
    this.trusted.clear()
    this.counts.clear()
    this.lists.clear()
    this.names = 0
  }
}

function namesIn (offered: readonly Contract[]): number {
  return offered.reduce((sum, { methods, events }) => sum + 1 + methods.length + events.length, 0)
}
