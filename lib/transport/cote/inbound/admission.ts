import type { Socket } from 'node:net'
import { LinkedList, type Linked } from '../../../collections/linked-list'
import type { OnRejected } from '../../rejections'

/** How much is known of who is on the other side of a connection. */
type Standing = 'silent' | 'spoken' | 'proven' | 'gone'

/** What the {@link Admission} of a node may keep. */
export interface AdmissionLimits {
  /** Silent connections from one address, and as many others. */
  readonly maxConnectionsPerAddress: number
  /** Connections in all. */
  readonly maxConnections: number
  readonly onRejected: OnRejected
}

/**
 * What is on the other side of an accepted connection. Until it proves itself it is silent. TLS proves that a
 * connection belongs to the mesh; on an open mesh, where nobody can prove anything, a message counts in its place.
 */
export class Visitor implements Linked<Visitor> {
  earlier: Visitor | undefined
  later: Visitor | undefined
  standing: Standing = 'silent'
  /** Whether it said which node it is. */
  isIntroduced = false
  /** When it came, by `performance.now()`. */
  readonly cameAt = performance.now()
  /** Whether calls or subscriptions of it are under way; set by who reads the connection. */
  isBusy: () => boolean = () => false

  constructor (readonly socket: Socket, readonly address: string, private readonly admission: Admission) {}

  /** It has sent a message that a node can send. */
  speaks (): void {
    if (this.standing === 'silent') this.admission.raise(this, 'spoken')
  }

  /** It has proven that it belongs to the mesh. */
  isProven (): void {
    if (this.standing !== 'gone' && this.standing !== 'proven') this.admission.raise(this, 'proven')
  }
}

/** The visitors of one address. */
class Guests {
  readonly silent = new LinkedList<Visitor>()
  readonly spoken = new LinkedList<Visitor>()
  proven = 0

  get size (): number {
    return this.silent.size + this.spoken.size + this.proven
  }
}

/**
 * Decides which connections a node keeps. Strangers can open any number of them, from the address of honest nodes as
 * well, so a bound that simply refused what comes next would be theirs to fill. Silent connections are therefore
 * counted apart, and the oldest gives way to the next one: a node that proves itself needs one only for a moment.
 */
export class Admission {
  private readonly byAddress = new Map<string, Guests>()
  private size = 0

  constructor (private readonly limits: AdmissionLimits) {}

  /** Takes a new connection. Undefined, and the connection is closed, where none can give way to it. */
  admit (socket: Socket, address: string): Visitor | undefined {
    const { maxConnectionsPerAddress, maxConnections } = this.limits
    const guests = this.guestsOf(address)
    if (guests.silent.size >= maxConnectionsPerAddress) this.dismiss(guests.silent.first)
    else if (this.size >= maxConnections && !this.makeRoom()) {
      this.refuse(socket, address)
      return undefined
    }
    const visitor = new Visitor(socket, address, this)
    this.byAddress.set(address, guests)
    guests.silent.add(visitor)
    this.size++
    return visitor
  }

  /** A connection has closed. */
  release (visitor: Visitor): void {
    const guests = this.byAddress.get(visitor.address)
    if (guests === undefined || !this.remove(guests, visitor)) return
    visitor.standing = 'gone'
    this.size--
    if (guests.size === 0) this.byAddress.delete(visitor.address)
  }

  /** Something more is known of a visitor. Others count against another bound, where an idle one gives way to it. */
  raise (visitor: Visitor, standing: 'spoken' | 'proven'): void {
    const guests = this.byAddress.get(visitor.address)
    if (guests === undefined || !this.remove(guests, visitor)) return
    if (standing === 'spoken') guests.spoken.add(visitor)
    else guests.proven++
    visitor.standing = standing
    if (guests.spoken.size + guests.proven <= this.limits.maxConnectionsPerAddress) return
    this.dismiss(idleOf(guests.spoken, visitor) ?? visitor)
  }

  /** Whether any connection has said nothing yet. */
  get hasSilent (): boolean {
    for (const { silent } of this.byAddress.values()) if (silent.size > 0) return true
    return false
  }

  /** Closes the connections that have been silent for longer than a time. */
  dismissSilent (silentMs: number): void {
    const latest = performance.now() - silentMs
    for (const { silent } of this.byAddress.values()) {
      for (let first = silent.first; first !== undefined && first.cameAt < latest; first = silent.first) {
        this.limits.onRejected('silentConnection', first.address)
        this.end(first)
      }
    }
  }

  private guestsOf (address: string): Guests {
    return this.byAddress.get(address) ?? new Guests()
  }

  /** Whether a connection gave way: a silent one of the address that has most of them, or else an idle one. */
  private makeRoom (): boolean {
    const leaving = this.oldestSilent() ?? this.anyIdle()
    this.dismiss(leaving)
    return leaving !== undefined
  }

  private oldestSilent (): Visitor | undefined {
    let most: LinkedList<Visitor> | undefined
    for (const { silent } of this.byAddress.values()) if (silent.size > (most?.size ?? 0)) most = silent
    return most?.first
  }

  /** An idle one, of the address that has most if there is one. Members behind one address may all be busy. */
  private anyIdle (): Visitor | undefined {
    const lists = Array.from(this.byAddress.values(), ({ spoken }) => spoken).sort((a, b) => b.size - a.size)
    for (const spoken of lists) {
      const idle = idleOf(spoken)
      if (idle !== undefined) return idle
    }
    return undefined
  }

  private dismiss (visitor: Visitor | undefined): void {
    if (visitor === undefined) return
    this.limits.onRejected('tooManyConnections', visitor.address)
    this.end(visitor)
  }

  private refuse (socket: Socket, address: string): void {
    this.limits.onRejected('tooManyConnections', address)
    socket.destroy()
  }

  private end (visitor: Visitor): void {
    this.release(visitor)
    visitor.socket.destroy()
  }

  private remove (guests: Guests, visitor: Visitor): boolean {
    switch (visitor.standing) {
      case 'silent': return guests.silent.delete(visitor)
      case 'spoken': return guests.spoken.delete(visitor)
      case 'proven':
        guests.proven--
        return true
      case 'gone': return false
    }
  }
}

/** The oldest connection that nothing is under way on; one that did not say which node it is, where there is one. */
function idleOf (list: LinkedList<Visitor>, except?: Visitor): Visitor | undefined {
  const isIdle = (each: Visitor): boolean => each !== except && !each.isBusy()
  return list.find(each => !each.isIntroduced && isIdle(each)) ?? list.find(isIdle)
}
