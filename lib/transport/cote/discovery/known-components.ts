import { EVENTS_PUBLISHER, RESPONDER, SERVICES_PUBLISHER, type Packet, type RemoteComponent } from './hello'
import type { Origin } from './way'

/** The most components of other nodes that are known: new names must not fill the memory. */
export const MAX_COMPONENTS = 10_000

/** The most characters that all of them may have together. */
const MAX_CHARACTERS = 2 ** 24

/** The most characters of one, as a packet of UDP has no more: a few of a broker's must not take all the room. */
const MAX_LENGTH = 2 ** 16

/** The components through which a node of feathers-distributed is reached. */
const PARTS_OF_NODES = [RESPONDER, SERVICES_PUBLISHER, EVENTS_PUBLISHER]

/** A hello, and where it came from. */
export interface Heard {
  readonly packet: Packet
  readonly from: Origin
}

/** What is known of a component of another node. */
export interface KnownComponent {
  readonly component: RemoteComponent
  /** When its last hello came, on the clock of `performance.now()`. */
  lastSeen: number
  /** The number of the way that its last hello came by. */
  readonly way: number
  /** The sender of its hello. */
  readonly pid: string | undefined
  /** The advertisement as text, to compare it with the next. */
  readonly text: string
  /** Its last hello, to see whether the next says the same. */
  readonly heard?: Heard
  /** Whether its node is asked whether it is there, as it is silent. */
  isAsked?: boolean
}

/** Whether a hello says once more, from the same place, what is known of its component. */
export function isSaidAgain ({ heard, isAsked }: KnownComponent, packet: Packet, from: Origin): boolean {
  // One that is asked for is there as soon as any hello of it comes.
  if (heard === undefined || isAsked === true || packet.advertisement === undefined) return false
  const { packet: last, from: lastFrom } = heard
  return packet.advertisement === last.advertisement && packet.pid === last.pid && packet.address === last.address &&
    packet.offClock === undefined && from.address === lastFrom.address && from.way === lastFrom.way &&
    from.broker === lastFrom.broker && from.isConnected === lastFrom.isConnected
}

/** The components of other nodes, by their ids. */
export class KnownComponents {
  private readonly byIid = new Map<string, KnownComponent>()
  /** Those that no node is reached through. Anybody may announce any number, so the oldest one gives way. */
  private readonly bystanders = new Set<string>()
  private characters = 0
  private responders = 0

  /** @param max - the most components */
  constructor (private readonly max = MAX_COMPONENTS, private readonly maxCharacters = MAX_CHARACTERS) {}

  /** All that is known, in the order in which it was found. */
  get all (): IterableIterator<KnownComponent> {
    return this.byIid.values()
  }

  /** How many nodes there are: each has one responder. */
  get nodeCount (): number {
    return this.responders
  }

  /** The component with an id. */
  get (iid: string): KnownComponent | undefined {
    return this.byIid.get(iid)
  }

  /** Remembers a component, or its change. Returns whether there was room for it. */
  set (known: KnownComponent): boolean {
    const { component } = known
    const { iid } = component
    if (sizeOf(known) > MAX_LENGTH) return false
    const before = this.byIid.get(iid)
    const isBystander = !isPartOfNode(component)
    if (before === undefined && isBystander && this.bystanders.size >= this.max / 2) this.deleteOldestBystander()
    const characters = this.characters + sizeOf(known) - sizeOf(before)
    if (characters > this.maxCharacters || before === undefined && this.byIid.size >= this.max) return false
    this.characters = characters
    this.responders += respondersOf(known) - respondersOf(before)
    this.byIid.set(iid, known)
    if (isBystander) this.bystanders.add(iid)
    else this.bystanders.delete(iid)
    return true
  }

  /** Forgets a component. Returns what was known of it. */
  delete (iid: string): KnownComponent | undefined {
    const known = this.byIid.get(iid)
    this.characters -= sizeOf(known)
    this.responders -= respondersOf(known)
    this.byIid.delete(iid)
    this.bystanders.delete(iid)
    return known
  }

  private deleteOldestBystander (): void {
    for (const oldest of this.bystanders) {
      this.delete(oldest)
      return
    }
  }
}

function isPartOfNode ({ advertisement }: RemoteComponent): boolean {
  const { mesh, name, appUuid, appDistributionKey } = advertisement
  if (mesh !== undefined) return name === RESPONDER
  return appUuid !== undefined && appDistributionKey !== undefined && PARTS_OF_NODES.includes(name)
}

function sizeOf (known: KnownComponent | undefined): number {
  if (known === undefined) return 0
  const { component: { iid, list = '' }, pid = '', text } = known
  return text.length + iid.length + pid.length + list.length
}

function respondersOf (known: KnownComponent | undefined): number {
  return known?.component.advertisement.name === RESPONDER ? 1 : 0
}
