import { randomUUID } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import { hostname } from 'node:os'
import type { Advertisement, Packet, RemoteComponent, Sender } from './hello'
import { isOfEnvironment, RESPONDER, wrongKeyOf, writeGoodbye, writeHello } from './hello'
import { isLoopback, plainAddress } from '../addresses'
import { meshNow } from '../../../clock'
import { logDiscovery, OtherEnvironments } from './discovery-log'
import { DiscoverySocket, type SocketOptions } from './discovery-socket'
import { GoneComponents } from './gone-components'
import type { OnRejected } from '../../rejections'
import { TypedEmitter } from '../../../typed-emitter'
import type { HelloSeal } from './hello-seal'

/** A component of another node. */
export type { RemoteComponent } from './hello'

/** cote's discovery options, by its names; intervals in milliseconds. */
export interface DiscoveryOptions extends SocketOptions {
  /** The environment as cote writes it: empty, or the name and a colon. */
  readonly environment: string
  readonly helloInterval: number
  readonly checkInterval: number
  readonly nodeTimeout: number
  /** Peers are reached at the host names in their hellos, not at the addresses that their hellos come from. */
  readonly useHostNames: boolean
  /** The host name that this node announces. @default the name of the machine */
  readonly hostName?: string
  /** The mesh clock of this node. @default that of the process */
  readonly now?: () => number
}

/** The events of {@link Discovery}. */
export interface DiscoveryEvents {
  'added': [component: RemoteComponent]
  /** A hello differs from the last one of its component. */
  'changed': [component: RemoteComponent]
  /** A hello told the mesh clock of its node. */
  'clock': [iid: string, now: number]
  'removed': [component: RemoteComponent, reason: 'goodbye' | 'silent']
}

/** When hellos follow the first one, which may be lost while many nodes start. */
const FIRST_HELLOS_MS = [100, 500, 2000]
/** The random delay of the answer to newcomers, as all nodes answer. Newcomers meanwhile share one answer. */
const ANSWER_JITTER_MS = 5
/** How long a check for silent nodes waits for hellos that arrived while this node was frozen. */
const UNREAD_MS = 100
/** The most components of other nodes that are known: new names must not fill the memory. */
const MAX_COMPONENTS = 10_000

interface Known {
  component: RemoteComponent
  lastSeen: number
  /** The sender of its hello. */
  pid: string | undefined
}

/**
 * Discovers other nodes: announces the components of this node by node-discover's packets, and emits events for those
 * of other nodes. All components share one UDP socket.
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

  /** @param maxComponents - the most components of other nodes that are known */
  constructor (
    private readonly options: DiscoveryOptions, private readonly seal: HelloSeal,
    private readonly onRejected: OnRejected, private readonly maxComponents = MAX_COMPONENTS
  ) {
    super()
    this.gone = new GoneComponents(maxComponents)
    this.sender = {
      processId: randomUUID(),
      hostName: options.hostName ?? hostname(),
      processCommand: process.argv.slice(1).map(arg => arg.split('/').slice(-2).join('/')).join(' ')
    }
  }

  /** The components of other nodes. */
  get components (): readonly RemoteComponent[] {
    return [...this.known.values()].map(({ component }) => component)
  }

  /** Opens the socket, and announces all components now and periodically. */
  async start (): Promise<void> {
    this.socket = await DiscoverySocket.open(this.options)
    this.socket.onMessage((bytes, from) => this.onMessage(bytes, from))
    logDiscovery(this.options, this.options.environment)
    this.hello()
    for (const delayMs of FIRST_HELLOS_MS) this.schedule(() => this.hello(), delayMs)
    this.timers.add(setInterval(() => this.hello(), this.options.helloInterval))
    this.timers.add(setInterval(() => this.check(), this.options.checkInterval))
  }

  /** Announces a component, or its change. */
  advertise (iid: string, advertisement: Advertisement): void {
    this.own.set(iid, advertisement)
    if (this.socket !== undefined) void this.send(writeHello(iid, this.sender, advertisement, this.now()))
  }

  /** Sends one hello for a component that is not announced any further. */
  helloOnce (iid: string, advertisement: Advertisement): void {
    void this.send(writeHello(iid, this.sender, advertisement, this.now()))
  }

  /** Announces all components of this node now. */
  hello (): void {
    for (const [iid, advertisement] of this.own) void this.send(writeHello(iid, this.sender, advertisement, this.now()))
  }

  /**
   * Deletes the components of a node that has gone; the next hello of each adds it again. If the node said goodbye,
   * hellos that it sent before are ignored.
   */
  delete (nodeId: string, saidGoodbye: boolean): void {
    for (const [iid, { component, pid }] of this.known) {
      if (component.advertisement.appUuid !== nodeId) continue
      this.known.delete(iid)
      if (saidGoodbye) this.gone.add({ iid, pid })
    }
  }

  /** Withdraws all components. Resolves when the packets have left, as closing the socket would discard them. */
  async goodbye (): Promise<void> {
    const packets = [...this.own.keys()].map(iid => writeGoodbye(iid, this.sender))
    this.own.clear()
    await Promise.all(packets.map(async packet => await this.send(packet)))
  }

  /** Stops announcing, and closes the socket. */
  async stop (): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    const { socket } = this
    this.socket = undefined
    await socket?.close()
  }

  private now (): number {
    return Math.floor(this.options.now?.() ?? meshNow())
  }

  private async send (packet: Buffer): Promise<void> {
    const { socket, options: { unicast, multicast, broadcast } } = this
    const destinations = unicast ?? [multicast ?? broadcast]
    const sealed = this.seal.seal(packet)
    await Promise.all(destinations.map(async destination => await socket?.send(sealed, destination)))
  }

  private onMessage (bytes: Buffer, from: RemoteInfo): void {
    // Packets with a loopback source can't arrive from a network.
    const isLocal = isLoopback(from.address)
    if (this.localOnly && !isLocal) return this.onRejected('distantHello', from.address)
    const packet = this.seal.open(bytes, from)
    if (packet === undefined || this.own.has(packet.iid) || !this.isProven(packet, from)) return
    if (packet.event === 'goodbye') this.onGoodbye(packet)
    // Components of other environments are never added: one with a peer's id must not remove it by its goodbye.
    else if (isOfEnvironment(packet.advertisement, this.options.environment)) {
      this.onHello(packet, packet.advertisement, this.statedAddress(packet, isLocal) ?? plainAddress(from.address))
    } else this.others.report(packet, from.address, this.options.environment)
  }

  /** The address that a node claims, where it may claim one. */
  private statedAddress ({ hostName, address, advertisement }: Packet, isLocal: boolean): string | undefined {
    if (this.options.useHostNames) return hostName
    // On this machine, hellos use IPv4, whichever loopback address their node listens on.
    return address ?? (isLocal ? advertisement?.mesh?.address : undefined)
  }

  /** Whether a packet proves the key that it claims, and that of the component known by its id. */
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
    if (before === undefined) {
      if (this.gone.has(packet, advertisement)) return
      if (this.known.size >= this.maxComponents) return this.onRejected('tooManyComponents', address)
    }
    const component = { iid, advertisement, address }
    this.known.set(iid, { component, lastSeen: performance.now(), pid })
    if (before === undefined) {
      this.emit('added', component)
      // Of the components of a feathers-mesh node, only the one that stands for the node is answered.
      if (advertisement.mesh === undefined || advertisement.name === RESPONDER) this.answer()
    } else if (address !== before.component.address ||
      JSON.stringify(advertisement) !== JSON.stringify(before.component.advertisement)) {
      this.emit('changed', component)
    }
    if (packet.now !== undefined) this.emit('clock', iid, packet.now)
  }

  private onGoodbye (packet: Packet): void {
    const { iid, pid } = packet
    const { pid: known = pid } = this.known.get(iid) ?? {}
    // The node has joined again since.
    if (pid !== undefined && known !== pid) return
    this.gone.add(packet)
    this.remove(iid, 'goodbye')
  }

  /** Answers newcomers with a hello. */
  private answer (): void {
    if (this.answering) return
    this.answering = true
    this.schedule(() => {
      this.answering = false
      this.hello()
    }, Math.random() * ANSWER_JITTER_MS)
  }

  /** Removes silent components. */
  private check (): void {
    const latest = performance.now() - this.options.nodeTimeout
    this.schedule(() => {
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

  private schedule (action: () => void, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      action()
    }, delayMs)
    this.timers.add(timer)
  }
}
