import { ConfigurationError } from '../../errors'
import { PROCESS_LOG } from '../../log'
import { clockOfNode } from '../node-clock'
import type { GroupChoice, TransportGroups } from '../event-groups'
import { reachBy, type Reach } from '../reach'
import type { OnRejected } from '../rejections'
import type { PeerProof } from '../siblings'
import type {
  EventMessage, ReplyHandler, Request, Transport, TransportHost, UnreachablePeer
} from '../transport'
import { RESPONDER } from './discovery/hello'
import { KnownLists } from '../session/contracts/known-lists'
import { WantedLists } from '../session/contracts/wanted-lists'
import { SessionGroups } from '../session/events/session-groups'
import { within } from '../drain'
import { UnsentRequests } from '../session/requests/unsent-requests'
import { MAX_NAME_BYTES, type CoteOptions } from './cote-options'
import { resolveOptions, type ResolvedOptions } from './resolve-options'
import { Discovery, type RemoteComponent } from './discovery/discovery'
import { otherEnvironment } from './discovery/discovery-log'
import { Visits } from './discovery/places/visits'
import { Hints } from './outbound/hints'
import { LostNodes } from './outbound/lost-nodes'
import { LegacyNodes } from './legacy/legacy-nodes'
import { MeshPeer } from './outbound/mesh-peer'
import { Newcomers } from './outbound/newcomers'
import type { PeerOptions } from './outbound/cote-peer'
import { placeOfComponent, placeTextOf } from './outbound/peer-places'
import { Peers } from './outbound/peers'
import { UnreachablePeers } from './outbound/unreachable-peers'
import { packetWaysOf } from './packet-ways'
import { Responder } from './inbound/responder'
import { TotalBacklog } from './inbound/total-backlog'
import { UnfinishedMessages } from '../messages/unfinished-messages'
import { proofOf, securityOf, type MakeSecurity, type SecurityOptions } from './security/security-of'

/** The parts of a node that is on the mesh. */
interface Running {
  readonly discovery: Discovery
  readonly responder: Responder
  readonly peers: Peers
  readonly legacy: LegacyNodes
  readonly lost: LostNodes
  readonly newcomers: Newcomers
  readonly hints: Hints
  readonly unreachable: UnreachablePeers
  readonly lists: WantedLists
  /** Whether hellos prove that their nodes belong to the mesh. */
  readonly isClosed: boolean
  readonly groups: TransportGroups
}

/** A transport whose nodes find each other by cote's hellos and call each other over cote's wire. */
export class CoteTransport implements Transport {
  private readonly options: ResolvedOptions
  private running: Running | undefined
  private readonly unsent = new UnsentRequests()
  private readonly makeSecurity: MakeSecurity
  readonly proves: PeerProof

  /**
   * @param options - environment variables, then the defaults, stand in for options that are left out
   * @param security - what nodes prove to each other; nothing without it
   * @throws {@link ConfigurationError} when an option is wrong, a secret is too short, or certificates are wrong
   */
  constructor (options: CoteOptions | ResolvedOptions = {}, security: SecurityOptions = {}) {
    this.options = resolveOptions(options)
    this.makeSecurity = securityOf(security)
    this.proves = proofOf(security)
  }

  /** @throws {@link ConfigurationError} when the ports that the options allow are taken, or the key can't be proven */
  async start (host: TransportHost): Promise<void> {
    checkNames(host)
    const { environment, listen, handshakeTimeout, maxUnfinishedBytes, maxTotalBacklog } = this.options
    const { nodeTimeout } = this.options.discovery
    const { log = PROCESS_LOG } = host
    const unreachable = new UnreachablePeers(2 * nodeTimeout)
    const onRejected: OnRejected = (...rejection) => {
      unreachable.refuse(...rejection)
      host.onRejected?.(...rejection)
    }
    const known = new KnownLists(onRejected)
    const lists = new WantedLists(known, onRejected)
    const onOtherMesh = (address: string, other: string): void => {
      unreachable.ignore(address, otherEnvironment(other, environment), 'otherEnvironment')
    }
    const security = this.makeSecurity({
      environment, address: listen.host, key: host.key, handshakeTimeout, onRejected, onOtherMesh, log
    })
    const visits = new Visits()
    const unfinished = new UnfinishedMessages(maxUnfinishedBytes)
    const { id, key } = host
    const ways = packetWaysOf(this.options, { id, key, security, visits, unfinished, unreachable, onRejected })
    const onUnsaid = (reason: string): void => unreachable.unsaid(listen.host, reason)
    const hellos = { ...this.options.discovery, ways, onOtherMesh, onUnsaid, now: clockOfNode(host), nodeLog: log }
    const discovery = new Discovery(hellos, security.hellos, onRejected)
    const newcomers = new Newcomers({ onRejected, forget: id => discovery.delete(id, false) })
    const options = {
      ...this.options,
      discovery,
      security,
      onRejected,
      newcomers,
      unreachable,
      known,
      lists,
      onShortage: () => newcomers.giveWay(),
      unfinished,
      visits,
      totalBacklog: new TotalBacklog(maxTotalBacklog),
      // Requesters of feathers-distributed connect to each node that they discover, and may have no call for it yet.
      mayBeSilent: () => this.running?.legacy.hasNodes === true,
      knows: (node: string | undefined) => this.knows(node)
    }
    const responder = new Responder(host, { discovery, environment, iid: host.id }, options)
    const peers = new Peers(host, discovery, options)
    const legacy = new LegacyNodes(host, peers, { ...options, announceInterval: this.options.discovery.helloInterval })
    const lost = new LostNodes(component => this.connect(host, component))
    const hints = new Hints(host, options)
    const { isClosed } = security.hellos
    const groups = new SessionGroups(peers.interest, responder.subscribers, () => peers.groupSessions())
    this.running = { discovery, responder, peers, legacy, lost, newcomers, hints, unreachable, lists, isClosed, groups }
    discovery.isThere = ({ iid }) => {
      const peer = peers.get(iid)
      return peer instanceof MeshPeer ? peer.isThere(nodeTimeout) : undefined
    }
    const onHello = (component: RemoteComponent): void => this.onHello(host, component)
    discovery.on('added', onHello).on('changed', onHello).on('hinted', hint => hints.add(hint))
    discovery.on('clock', (iid, now) => peers.get(iid)?.readClock?.(now))
    discovery.on('removed', (component, reason) => {
      if (component.advertisement.mesh === undefined) legacy.onRemoved(component)
      else this.onRemoved(component, reason)
    })
    try {
      await responder.bind(listen)
      await discovery.start()
    } catch (error) {
      responder.close()
      hints.stop()
      newcomers.stop()
      lists.stop()
      peers.destroy()
      this.running = undefined
      throw error
    }
  }

  announce (): void {
    this.running?.responder.announce()
    this.running?.legacy.announce()
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const peer = this.running?.peers.get(peerId)
    if (peer !== undefined) return peer.request(request, handler)
    return this.unsent.add(handler, `node ${peerId} has left`)
  }

  cancel (peerId: string, requestId: number): void {
    if (!this.unsent.cancel(requestId)) this.running?.peers.cancel(peerId, requestId)
  }

  publish (message: EventMessage, choice?: GroupChoice): void {
    this.running?.responder.publish(message, choice)
    this.running?.legacy.publish(message)
  }

  subscribe (path: string, since?: number): void {
    this.running?.peers.subscribe(path, since)
  }

  unsubscribe (path: string): void {
    this.running?.peers.unsubscribe(path)
  }

  /** Known while the node is on the mesh. */
  get groups (): TransportGroups | undefined {
    return this.running?.groups
  }

  unreachable (): readonly UnreachablePeer[] {
    return this.running?.unreachable.all ?? []
  }

  reachOf (peerId: string): Reach | undefined {
    const peer = this.running?.peers.get(peerId)
    return peer instanceof MeshPeer ? reachBy('cote', peer.clock, placeTextOf(peer.component)) : undefined
  }

  async goodbye (): Promise<void> {
    await this.running?.discovery.goodbye()
  }

  async stop (drainTimeout: number): Promise<void> {
    if (this.running === undefined) return
    const { discovery, responder, peers, legacy, lost, newcomers, hints, lists, groups } = this.running
    const startedAt = performance.now()
    if (peers.interest.hasGroups) await groups.leave(drainTimeout)
    lost.stop()
    hints.stop()
    newcomers.stop()
    lists.stop()
    await discovery.goodbye()
    const left = Math.max(0, drainTimeout - (performance.now() - startedAt))
    await within(left, Promise.all([responder.drain(), peers.drain()]))
    await discovery.stop()
    responder.close()
    legacy.close()
    peers.destroy()
    this.running = undefined
  }

  /** Whether it is known what a node offers, where its hellos say that it is. Old nodes do not say who calls. */
  private knows (node: string | undefined): boolean {
    if (node === undefined) return this.running?.legacy.hasNodes === true
    const peer = this.running?.peers.get(node)
    return peer instanceof MeshPeer && peer.reach.hasJoined
  }

  private onHello (host: TransportHost, component: RemoteComponent): void {
    if (this.running === undefined) return
    const { iid, advertisement: { mesh, name } } = component
    const { legacy, lost } = this.running
    if (mesh === undefined) return legacy.onHello(component)
    // A mesh node is its responder; its other components are there for nodes of feathers-distributed.
    if (name !== RESPONDER) return
    lost.heard(iid)
    this.connect(host, component)
  }

  private onRemoved (component: RemoteComponent, reason: 'goodbye' | 'silent'): void {
    const { running } = this
    const peer = running?.peers.get(component.iid)
    if (peer instanceof MeshPeer && peer.isAnother(component)) return
    running?.unreachable.delete(component.iid)
    if (peer !== undefined) peer.leave(reason)
    else if (reason === 'goodbye') running?.lost.delete(component.iid)
  }

  /** A mesh node was discovered. */
  private connect (host: TransportHost, component: RemoteComponent): void {
    if (this.running === undefined) return
    const { iid: id, address, advertisement: { port = 0 } } = component
    const { peers, lost, newcomers, isClosed } = this.running
    const known = peers.get(id)
    if (known instanceof MeshPeer) return known.update(component)
    if (known !== undefined) return
    const make = (options: PeerOptions): MeshPeer => {
      const made: MeshPeer = new MeshPeer(component, host, {
        ...options,
        onOtherNode: other => newcomers.answeredByOther(id, other),
        onLeave: reason => {
          const hasGivenWay = newcomers.left(id)
          if (reason === 'goodbye') lost.delete(id)
          // A closed mesh hears hellos of its members alone.
          else if (!hasGivenWay) lost.add(made.component, made.reach.hasAnswered || isClosed && made.reach.hasJoined)
          options.onLeave(reason)
        },
        onDial: () => {
          newcomers.dialled(id)
          options.onDial?.()
        },
        onAnswer: () => {
          const { address, port } = placeOfComponent(made.component)
          newcomers.answered(id, address, port)
          options.onAnswer?.()
        },
        onJoined: () => {
          lost.delete(id)
          newcomers.joined(id)
          options.onJoined?.()
        }
      })
      return made
    }
    newcomers.meet({
      id, address, port,
      start: () => {
        const peer = peers.add(id, make)
        try {
          peer.update(component)
        } catch (error) {
          peer.leave('lost')
          throw error
        }
        return peer
      }
    })
  }
}

/** What the hellos of a node repeat has to be short enough for peers. */
function checkNames ({ id, key }: TransportHost): void {
  const faults = Object.entries({ id, key }).filter(([, text]) => Buffer.byteLength(text) > MAX_NAME_BYTES)
    .map(([name, text]) => `the ${name} of a node has at most ${MAX_NAME_BYTES} bytes, and this one has ` +
      `${Buffer.byteLength(text)}: peers would refuse it; give it a shorter one`)
  if (faults.length > 0) throw new ConfigurationError(faults)
}
