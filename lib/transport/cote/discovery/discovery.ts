import { AnswerPace } from './answers/answer-pace'
import { Answers } from './answers/answers'
import type { Advertisement, Packet, RemoteComponent } from './hello'
import { environmentOf, isOfEnvironment, otherVersionOf, RESPONDER, wrongKeyOf } from './hello'
import type { DiscoveryEvents, DiscoveryOptions } from './discovery-options'
import { logWay, OtherEnvironments } from './discovery-log'
import { GoneComponents } from './gone-components'
import { isSaidAgain, KnownComponents, MAX_COMPONENTS, type Heard, type KnownComponent } from './known-components'
import { Media } from './media'
import { OwnHellos } from './own-hellos'
import { statedAddress, withPort, type AddressRules } from './stated-address'
import { Timers } from './timers'
import type { Origin } from './way'
import { PROCESS_LOG, type NodeLog } from '../../../log'
import { contain } from '../../boundary'
import type { OnRejected } from '../../rejections'
import { TypedEmitter } from '../../../typed-emitter'
import { mayCarryLists, type HelloSeal } from './hello-seal'

/** A component of another node. */
export type { RemoteComponent } from './hello'
export type { DiscoveryEvents, DiscoveryOptions, Hint } from './discovery-options'

/** When the first hello is said at the latest: most nodes know what they offer in a moment, and one hello says all. */
const FIRST_HELLO_MS = 10
/** When hellos follow the first one, which may be lost; unless an answer said them in the last quarter of that time. */
const NEXT_HELLOS_MS = [100, 500, 2000, 4000, 7000]
/** How long hellos that are said again wait while there is too much to do, and how often that is looked at. */
const LONGEST_WAIT_MS = 5_000
const LOOK_AGAIN_MS = 50
/** How long a check for silent nodes waits for hellos that arrived while this node was frozen. */
const UNREAD_MS = 100
/** How many times as long nodes may be silent while there is too much to do. */
const PATIENCE = 2
/**
 * Discovers other nodes: announces the components of this node by node-discover's packets, and emits events for those
 * of other nodes. All components share the ways of their node.
 */
export class Discovery extends TypedEmitter<DiscoveryEvents> {
  /** Finds out whether a silent component is there nevertheless: packets may get lost. Undefined where nobody knows. */
  isThere: (component: RemoteComponent) => Promise<boolean> | undefined = () => undefined
  private media: Media | undefined
  private readonly own: OwnHellos
  private readonly log: NodeLog
  private readonly known: KnownComponents
  private readonly gone: GoneComponents
  private readonly others = new OtherEnvironments()
  private readonly timers = new Timers(action => this.contain('this node', action))
  private readonly pace = new AnswerPace(() => this.known.nodeCount)
  private readonly answers: Answers
  private readonly tellsLists: boolean

  /** @param maxComponents - the most components of other nodes that are known */
  constructor (
    private readonly options: DiscoveryOptions, private readonly seal: HelloSeal,
    private readonly onRejected: OnRejected, maxComponents?: number
  ) {
    super()
    const { hostName, advertise, now, onUnsaid, staysOnThisMachine, nodeLog: log = PROCESS_LOG } = options
    this.tellsLists = mayCarryLists(seal, staysOnThisMachine)
    this.log = log
    this.known = new KnownComponents(maxComponents)
    this.gone = new GoneComponents(maxComponents ?? MAX_COMPONENTS)
    this.own = new OwnHellos(seal, { hostName, advertise, log, onUnsaid, tellsLists: this.tellsLists }, now)
    this.answers = new Answers(this.pace, {
      own: this.own, media: () => this.media, timers: this.timers, send: sending => this.send(sending)
    })
  }

  /** The components of other nodes. */
  get components (): readonly RemoteComponent[] {
    return Array.from(this.known.all, ({ component }) => component)
  }

  /** Opens all ways, and announces all components now and periodically. */
  async start (): Promise<void> {
    const { ways, port, address, environment } = this.options
    const { onRejected, log, seal: { isClosed } } = this
    this.media = await Media.open(ways, {
      port, address, environment, isClosed, onRejected, log,
      receive: (bytes, origin) => this.contain(origin.address, () => this.onMessage(bytes, origin)),
      hellos: way => this.own.of(way),
      onUp: way => this.contain('this node', () => this.onUp(way))
    })
    this.own.use(this.media.all)
    for (const way of ways) logWay(way.title(port), environment)
    this.timers.schedule(() => this.send(this.own.sayUnsaid()), FIRST_HELLO_MS)
    for (const at of NEXT_HELLOS_MS) this.sayLater(() => this.own.repeatUnlessSaid(at / 4), at)
    // Nodes that start together would say all their hellos together, and read them at the same time.
    const { helloInterval } = this.options
    this.timers.schedule(() => {
      this.hello()
      this.timers.repeat(() => this.hello(), helloInterval)
    }, helloInterval * (1 + Math.random()) / 2)
    this.timers.repeat(() => this.check(), this.options.checkInterval)
  }

  /** Announces a component, or its change. */
  advertise (iid: string, advertisement: Advertisement): void {
    this.send(this.own.advertise(iid, advertisement))
  }

  /** Sends one hello for a component that is not announced any further. */
  helloOnce (iid: string, advertisement: Advertisement): void {
    this.send(this.own.say(iid, advertisement))
  }

  /** Announces all components of this node now. */
  hello (): void {
    this.send(this.own.sayAll())
  }

  /**
   * Deletes the components of a node that has gone; the next hello of each adds it again. If the node said goodbye,
   * hellos that it sent before are ignored.
   */
  delete (nodeId: string, saidGoodbye: boolean): void {
    for (const { component: { iid, advertisement }, pid } of this.known.all) {
      if (advertisement.appUuid !== nodeId) continue
      this.known.delete(iid)
      if (saidGoodbye) this.gone.add({ iid, pid })
    }
  }

  /** Withdraws all components. Resolves when the packets have left, as closing the ways would discard them. */
  async goodbye (): Promise<void> {
    await this.own.goodbye()
  }

  /** Stops announcing, and closes all ways. */
  async stop (): Promise<void> {
    this.timers.clear()
    const { media } = this
    this.media = undefined
    this.own.use([])
    await media?.close()
  }

  /** What can't be sent does not keep the node from anything else. */
  private send (sending: Promise<void>): void {
    sending.catch((error: unknown) => this.contain('this node', () => { throw error }))
  }

  private contain (address: string, action: () => void): void {
    contain(this.onRejected, address, action)
  }

  private onMessage (bytes: Buffer, from: Origin): void {
    const packet = this.seal.open(bytes, from)
    if (packet === undefined || this.own.has(packet.iid) || !this.isProven(packet, from)) return
    this.pace.onPacket()
    const known = this.known.get(packet.iid)
    if (known !== undefined && isSaidAgain(known, packet, from)) return this.onSaidAgain(known, packet)
    const { offClock } = packet
    // It may have been recorded long ago: a node that takes its leave is not asked whether it meant it.
    if (offClock !== undefined && packet.event !== 'hello') return this.refuseLate(offClock, from.address)
    if (packet.event === 'goodbye') this.onGoodbye(packet)
    // Components of other environments are never added: one with a peer's id must not remove it by its goodbye.
    else if (isOfEnvironment(packet.advertisement, this.options.environment)) {
      const version = otherVersionOf(packet.advertisement)
      if (version !== undefined) return this.onRejected('otherVersion', from.address, version)
      const { address, refused } = statedAddress(packet, from, this.addressRules)
      if (refused !== undefined) return this.onRejected(refused, from.address)
      this.onHello({ packet, from }, withPort(packet, packet.advertisement, address), address)
    } else this.onOtherMesh(packet, from.address)
  }

  private onOtherMesh (packet: Packet, address: string): void {
    const { environment, onOtherMesh } = this.options
    this.others.report(packet, address, environment)
    if (packet.advertisement !== undefined) onOtherMesh?.(address, environmentOf(packet.advertisement))
  }

  private get addressRules (): AddressRules {
    const { options: { useHostNames, staysOnThisMachine = false }, seal: { isClosed } } = this
    return { useHostNames, isClosed, isOpenHere: staysOnThisMachine && !isClosed }
  }

  /** Whether a packet proves the key that it claims, and that of the component known by its id. */
  private isProven (packet: Packet, { address }: Origin): boolean {
    const wrong = wrongKeyOf(packet, this.known.get(packet.iid)?.component.advertisement)
    if (wrong !== undefined) this.onRejected('wrongKey', address, wrong)
    return wrong === undefined
  }

  /** All that it says is known, but for the time. */
  private onSaidAgain (known: KnownComponent, { iid, now }: Packet): void {
    known.lastSeen = performance.now()
    if (now !== undefined) this.emit('clock', iid, now)
  }

  private onHello (heard: Heard, advertisement: Advertisement, address: string): void {
    const { packet, packet: { iid, pid, list, offClock }, from: { way } } = heard
    const before = this.known.get(iid)
    if (before === undefined && this.gone.has(packet, advertisement)) return
    const component = { iid, advertisement, address, pid, ...this.tellsLists ? { list } : {} }
    if (offClock !== undefined) return this.onHint(component, heard, offClock)
    const text = JSON.stringify(advertisement)
    const known: KnownComponent = { component, lastSeen: performance.now(), way, pid, text, heard }
    if (!this.known.set(known)) return this.onRejected('tooManyComponents', address)
    if (before === undefined) {
      this.emit('added', component)
      // Of the components of a feathers-mesh node, only the one that stands for the node is answered.
      if (advertisement.mesh === undefined || advertisement.name === RESPONDER) this.answers.greet(heard)
    } else if (address !== before.component.address || text !== before.text) this.emit('changed', component)
    if (packet.now !== undefined) this.emit('clock', iid, packet.now)
  }

  /** The clock of a node may be wrong, or the packet be old: the node itself can tell. */
  private onHint (component: RemoteComponent, heard: Heard, offClock: number): void {
    const { packet } = heard
    const proven = { ...heard, packet: { ...packet, offClock: undefined } }
    const { address, advertisement } = component
    const isNode = advertisement.name === RESPONDER && advertisement.mesh !== undefined
    if (!isNode || this.listenerCount('hinted') === 0) return this.refuseLate(offClock, address)
    const heardAt = performance.now()
    this.emit('hinted', {
      component,
      confirm: now => {
        // A later hello counts already.
        if ((this.known.get(component.iid)?.lastSeen ?? 0) > heardAt) return
        this.seal.learnClock?.(packet, now)
        if (this.media !== undefined) this.onHello(proven, advertisement, address)
      },
      refuse: () => this.refuseLate(offClock, address)
    })
  }

  private refuseLate (offClock: number, address: string): void {
    const detail = `its clock is ${Math.round(offClock / 1000)} s off the one of this node, unless it was said again`
    this.onRejected('lateHello', address, detail)
  }

  private onGoodbye (packet: Packet): void {
    const { iid, pid } = packet
    const { pid: known = pid } = this.known.get(iid) ?? {}
    // The node has joined again since.
    if (pid !== undefined && known !== pid) return
    this.gone.add(packet)
    this.remove(iid, 'goodbye')
  }

  /**
   * Says hello again later, and not while there is too much to do, as when a mesh of hundreds starts. Nobody has asked
   * for that; a newcomer wants its answers at once.
   */
  private sayLater (say: () => Promise<void>, delayMs: number, waitedMs = 0): void {
    this.timers.schedule(lateMs => {
      const waited = waitedMs + lateMs
      if (waited >= LONGEST_WAIT_MS || !this.pace.isBehind(lateMs)) this.send(say())
      else this.sayLater(say, LOOK_AGAIN_MS, waited + LOOK_AGAIN_MS)
    }, delayMs)
  }

  /** Removes silent components. While there is too much to do, their hellos may wait unread, or were lost. */
  private check (): void {
    const now = performance.now()
    this.timers.schedule(lateMs => {
      const { nodeTimeout } = this.options
      const latest = now - (this.pace.isBehind(lateMs) ? PATIENCE : 1) * nodeTimeout
      for (const known of this.known.all) {
        const isSilent = known.lastSeen < latest && this.media?.isUp(known.way) === true
        if (isSilent) this.contain(known.component.address, () => this.onSilent(known))
      }
    }, UNREAD_MS)
    this.gone.clean()
  }

  /** A way carries hellos, at first or again. Others could not be heard by it until now. */
  private onUp (way: number): void {
    for (const known of this.known.all) if (known.way === way) known.lastSeen = performance.now()
    this.hello()
  }

  private onSilent (known: KnownComponent): void {
    const { component, component: { iid } } = known
    if (known.isAsked === true) return
    const asked = this.isThere(component)
    if (asked === undefined) return this.remove(iid, 'silent')
    known.isAsked = true
    const isThere = asked.catch((error: unknown) => {
      this.contain(component.address, () => { throw error })
      return false
    })
    void isThere.then(isThere => this.contain(component.address, () => {
      // A hello may have come meanwhile, or a goodbye.
      if (this.known.get(iid) !== known) return
      if (isThere) this.known.set({ ...known, lastSeen: performance.now(), isAsked: false })
      else this.remove(iid, 'silent')
    }))
  }

  private remove (iid: string, reason: 'goodbye' | 'silent'): void {
    const found = this.known.delete(iid)
    if (found !== undefined) this.emit('removed', found.component, reason)
  }
}
