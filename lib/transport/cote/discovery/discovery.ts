import { randomUUID } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import { hostname } from 'node:os'
import { RESPONDER } from './component-names'
import type { Advertisement, Packet, Sender } from './hello'
import { isOfEnvironment, wrongKeyOf, writeGoodbye, writeHello } from './hello'
import { isLoopback, plainAddress } from '../addresses'
import { DiscoverySocket } from './discovery-socket'
import { GoneComponents } from './gone-components'
import { OtherEnvironments, tellDiscovery } from './other-environments'
import type { OnRejected } from '../../rejections'
import { TypedEmitter } from '../../../typed-emitter'
import type { HelloSeal } from '../security/security'

/** cote's discovery options, with the same names; intervals in milliseconds. */
export interface DiscoveryOptions {
  /** As cote writes it: empty, or the name and a colon. */
  readonly environment: string
  /** The UDP port that all nodes share. */
  readonly port: number
  /** Where the UDP socket is bound. */
  readonly address: string
  /** Where hellos go: exactly one of these three counts, the first that is set. */
  readonly unicast?: readonly string[]
  readonly multicast?: string
  readonly broadcast: string
  readonly helloInterval: number
  readonly checkInterval: number
  readonly nodeTimeout: number
  /** Peers are reached by the host names that they tell, not by the addresses that their hellos come from. */
  readonly useHostNames: boolean
  /** The host name that this node announces. @default the name of the machine */
  readonly hostName?: string
}

/** A component of a peer. */
export interface RemoteComponent {
  readonly iid: string
  readonly advertisement: Advertisement
  /** Where its hello came from. */
  readonly address: string
}

export interface DiscoveryEvents {
  'added': [component: RemoteComponent]
  /** Its hello says something else than the last one. */
  'changed': [component: RemoteComponent]
  'removed': [component: RemoteComponent, reason: 'goodbye' | 'silent']
}

/** Hellos that follow the first: one may be lost while many nodes start. */
const FIRST_HELLOS_MS = [100, 500, 2000]
/** A newcomer's hello is answered at once: with some jitter, as all nodes answer, and once for all that came. */
const ANSWER_JITTER_MS = 5
/** Before a node counts as silent: where this one itself was frozen, what was said meanwhile waits to be read. */
const UNREAD_MS = 100
/** So many components are known: whoever says hello under ever other names must not fill the memory. */
const MAX_COMPONENTS = 10_000

interface Known {
  component: RemoteComponent
  lastSeen: number
  /** Who sent its hello. */
  pid: string | undefined
}

/**
 * The one UDP socket of a node: announces its components with node-discover's packets and tells which others there are.
 */
export class Discovery extends TypedEmitter<DiscoveryEvents> {
  private socket: DiscoverySocket | undefined
  private readonly own = new Map<string, Advertisement>()
  private readonly known = new Map<string, Known>()
  private readonly gone: GoneComponents
  private readonly others = new OtherEnvironments()
  private readonly timers = new Set<NodeJS.Timeout>()
  private answering = false
  private readonly sender: Sender

  /** @param most - how many components of others are known */
  constructor (
    private readonly options: DiscoveryOptions, private readonly seal: HelloSeal, private readonly onRejected: OnRejected,
    private readonly most = MAX_COMPONENTS
  ) {
    super()
    this.gone = new GoneComponents(most)
    this.sender = {
      processId: randomUUID(),
      hostName: options.hostName ?? hostname(),
      processCommand: process.argv.slice(1).map(arg => arg.split('/').slice(-2).join('/')).join(' ')
    }
  }

  get components (): readonly RemoteComponent[] {
    return [...this.known.values()].map(({ component }) => component)
  }

  /** Opens the socket, says hello for all components, and goes on doing so. */
  async start (): Promise<void> {
    this.socket = await DiscoverySocket.open(this.options)
    this.socket.onMessage((bytes, from) => this.onMessage(bytes, from))
    tellDiscovery(this.options)
    this.hello()
    for (const delay of FIRST_HELLOS_MS) this.later(() => this.hello(), delay)
    this.timers.add(setInterval(() => this.hello(), this.options.helloInterval))
    this.timers.add(setInterval(() => this.check(), this.options.checkInterval))
  }

  /** Announces a component, or what it has become. */
  advertise (iid: string, advertisement: Advertisement): void {
    this.own.set(iid, advertisement)
    if (this.socket !== undefined) void this.send(writeHello(iid, this.sender, advertisement))
  }

  /** Says one hello for a component that nobody is to remember. */
  helloOnce (iid: string, advertisement: Advertisement): void {
    void this.send(writeHello(iid, this.sender, advertisement))
  }

  /** Announces all own components now. */
  hello (): void {
    for (const [iid, advertisement] of this.own) void this.send(writeHello(iid, this.sender, advertisement))
  }

  /**
   * Forgets the components of a node that turned out to be gone; the next hello of each adds it again. A node that
   * said goodbye may have a hello under way still, which does not count.
   */
  delete (nodeId: string, saidGoodbye: boolean): void {
    for (const [iid, { component, pid }] of this.known) {
      if (component.advertisement.appUuid !== nodeId) continue
      this.known.delete(iid)
      if (saidGoodbye) this.gone.add({ iid, pid })
    }
  }

  /** Takes the components back; resolves when the packets have left, for a closed socket sends none. */
  async goodbye (): Promise<void> {
    const packets = [...this.own.keys()].map(iid => writeGoodbye(iid, this.sender))
    this.own.clear()
    await Promise.all(packets.map(async packet => await this.send(packet)))
  }

  async stop (): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    const { socket } = this
    this.socket = undefined
    await socket?.close()
  }

  private async send (packet: Buffer): Promise<void> {
    const { socket, options: { unicast, multicast, broadcast } } = this
    const destinations = unicast ?? [multicast ?? broadcast]
    const sealed = this.seal.seal(packet)
    await Promise.all(destinations.map(async destination => await socket?.send(sealed, destination)))
  }

  private onMessage (bytes: Buffer, from: RemoteInfo): void {
    // Loopback takes packets that no network would: what comes from there never comes from outside.
    const isLocal = isLoopback(from.address)
    if (this.localOnly && !isLocal) return this.onRejected('distantHello', from.address)
    const packet = this.seal.open(bytes, from)
    if (packet === undefined || this.own.has(packet.iid) || !this.isProven(packet, from)) return
    if (packet.event === 'goodbye') this.onGoodbye(packet)
    // Nodes of other environments are not known at all: one that has the id of a peer must not end it by its goodbye.
    else if (isOfEnvironment(packet.advertisement, this.options.environment)) {
      this.onHello(packet, packet.advertisement, this.statedAddress(packet, isLocal) ?? plainAddress(from.address))
    } else this.others.heard(packet, from.address, this.options.environment)
  }

  /** Where a node says that it is, as far as that counts. */
  private statedAddress ({ hostName, address, advertisement }: Packet, isLocal: boolean): string | undefined {
    if (this.options.useHostNames) return hostName
    // Hellos on this machine go by IPv4, wherever their nodes listen.
    return address ?? (isLocal ? advertisement?.mesh?.address : undefined)
  }

  /** Whether a packet is of the key that it speaks for, and of that of the component that goes by its id. */
  private isProven (packet: Packet, { address }: RemoteInfo): boolean {
    const wrong = wrongKeyOf(packet, this.known.get(packet.iid)?.component.advertisement)
    if (wrong !== undefined) this.onRejected('wrongKey', address, wrong)
    return wrong === undefined
  }

  private get localOnly (): boolean {
    const { unicast, multicast, broadcast } = this.options
    return unicast === undefined && multicast === undefined && isLoopback(broadcast)
  }

  private onHello (packet: Packet, advertisement: Advertisement, address: string): void {
    const { iid, pid } = packet
    const before = this.known.get(iid)
    if (before === undefined && this.gone.has(packet, advertisement)) return
    if (before === undefined && this.known.size >= this.most) return this.onRejected('tooManyComponents', address)
    const component = { iid, advertisement, address }
    this.known.set(iid, { component, lastSeen: Date.now(), pid })
    if (before === undefined) {
      this.emit('added', component)
      // The other components of a node of ours come with the one that stands for it.
      if (advertisement.mesh === undefined || advertisement.name === RESPONDER) this.answer()
    } else if (address !== before.component.address ||
      JSON.stringify(advertisement) !== JSON.stringify(before.component.advertisement)) {
      this.emit('changed', component)
    }
  }

  private onGoodbye (packet: Packet): void {
    const { iid, pid } = packet
    const { pid: known = pid } = this.known.get(iid) ?? {}
    // The node has joined again since it said so.
    if (pid !== undefined && known !== pid) return
    this.gone.add(packet)
    this.remove(iid, 'goodbye')
  }

  private answer (): void {
    if (this.answering) return
    this.answering = true
    this.later(() => {
      this.answering = false
      this.hello()
    }, Math.random() * ANSWER_JITTER_MS)
  }

  private check (): void {
    const latest = Date.now() - this.options.nodeTimeout
    this.later(() => {
      for (const [iid, { lastSeen }] of this.known) if (lastSeen < latest) this.remove(iid, 'silent')
    }, UNREAD_MS)
    this.gone.clean()
  }

  private remove (iid: string, reason: 'goodbye' | 'silent'): void {
    const found = this.known.get(iid)
    if (found === undefined) return
    this.known.delete(iid)
    this.emit('removed', found.component, reason)
  }

  private later (action: () => void, delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      action()
    }, delay)
    this.timers.add(timer)
  }
}
