import type { Caller } from '../../../../contract/contract'
import { isLoopback } from '../../../ip-address'
import type { Medium, PacketWay, WayContext } from '../way'
import { hellosMessage, MAX_PACKET_BYTES, readHellos } from './hello-link'

/** A connection of a node that asked this one who it is. */
export interface Visit {
  readonly caller: Caller
  /** Sends it hellos of this node, unless it does not read what it was sent. */
  sayHellos (message: object): void
}

/** Learns which nodes ask. */
export interface VisitWatcher {
  readonly onCame: (node: string) => void
  readonly onLeft: (node: string) => void
}

/**
 * Nodes that ask this one who it is, by connections of theirs. Each says hello as it asks, and hears the hellos of this
 * node for as long as its connection lasts.
 */
export class Visits implements PacketWay, Medium {
  readonly isBroker = false
  readonly isConnected = true
  readonly hosts: readonly string[] = []
  readonly maxBytes = MAX_PACKET_BYTES
  readonly isUp = true
  private readonly all = new Set<Visit>()
  private context: WayContext | undefined
  private watcher: VisitWatcher | undefined

  /** It looks for nobody. */
  title (): string {
    return ''
  }

  async open (context: WayContext): Promise<Medium> {
    this.context = context
    return this
  }

  /** Tells somebody which nodes ask. */
  watch (watcher: VisitWatcher): void {
    this.watcher = watcher
  }

  /** Whether a node has asked by a connection that is still there. @param address - where it must come from */
  has (node: string, address?: string): boolean {
    for (const { caller } of this.all) {
      if (caller.node === node && (address === undefined || isSame(caller.address, address))) return true
    }
    return false
  }

  /**
   * A node says hello; the first time on its connection, it asks as well.
   *
   * @returns the answer
   * @throws {@link MalformedMessage} for what are no hellos
   */
  receive (visit: Visit, message: unknown): object {
    const { context, all } = this
    const hellos = readHellos(message)
    const isFirst = !all.has(visit)
    all.add(visit)
    for (const hello of hellos) context?.receive(Buffer.from(hello), visit.caller.address)
    if (isFirst && visit.caller.node !== undefined) this.watcher?.onCame(visit.caller.node)
    return hellosMessage(isFirst ? context?.hellos() ?? [] : [])
  }

  /** A connection has ended. */
  leave (visit: Visit): void {
    const { node } = visit.caller
    if (this.all.delete(visit) && node !== undefined) this.watcher?.onLeft(node)
  }

  async send (packet: Buffer): Promise<'too long' | undefined> {
    if (packet.length > MAX_PACKET_BYTES) return 'too long'
    const message = hellosMessage([packet])
    for (const visit of this.all) visit.sayHellos(message)
    return undefined
  }

  /** The connections are those of the node, which closes them. */
  async close (): Promise<void> {
    this.context = undefined
    this.watcher = undefined
  }
}

/** Connections to any loopback address may come from any other one. */
function isSame (one: string, other: string): boolean {
  return one === other || isLoopback(one) && isLoopback(other)
}
