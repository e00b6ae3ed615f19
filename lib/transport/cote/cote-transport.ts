import type { EventMessage, ReplyHandler, Request, Transport, TransportHost } from '../transport'
import { RESPONDER } from './discovery/hello'
import { MESH_VERSION } from '../session/control'
import { within } from '../session/drain'
import { UnsentRequests } from '../session/unsent-requests'
import type { CoteOptions } from './cote-options'
import { resolveOptions, type ResolvedOptions } from './resolve-options'
import { Discovery, type RemoteComponent } from './discovery/discovery'
import { LostNodes } from './outbound/lost-nodes'
import { LegacyNodes } from './legacy/legacy-nodes'
import { MeshPeer } from './outbound/mesh-peer'
import type { PeerOptions } from './outbound/cote-peer'
import { Peers } from './outbound/peers'
import { Responder } from './inbound/responder'
import { securityOf, type MakeSecurity, type SecurityOptions } from './security/security-of'

/** The parts of a node that is on the mesh. */
interface Running {
  readonly discovery: Discovery
  readonly responder: Responder
  readonly peers: Peers
  readonly legacy: LegacyNodes
  readonly lost: LostNodes
}

/** A transport whose nodes find each other by cote's hellos and call each other over cote's wire. */
export class CoteTransport implements Transport {
  private readonly options: ResolvedOptions
  private running: Running | undefined
  private readonly unsent = new UnsentRequests()
  private readonly makeSecurity: MakeSecurity

  /**
   * @param options - environment variables, then the defaults, stand in for options that are left out
   * @param security - what nodes prove to each other; nothing without it
   * @throws {@link ConfigurationError} when an option is wrong, a secret is too short, or certificates are wrong
   */
  constructor (options: CoteOptions | ResolvedOptions = {}, security: SecurityOptions = {}) {
    this.options = resolveOptions(options)
    this.makeSecurity = securityOf(security)
  }

  /** @throws {@link ConfigurationError} when the ports that the options allow are taken, or the key can't be proven */
  async start (host: TransportHost): Promise<void> {
    const { environment, listen, handshakeTimeout } = this.options
    const onRejected = host.onRejected ?? (() => {})
    const security = this.makeSecurity({
      environment, address: listen.host, key: host.key, handshakeTimeout, onRejected
    })
    const discovery = new Discovery(this.options.discovery, security.hellos, onRejected)
    const options = { ...this.options, discovery, security, onRejected }
    const responder = new Responder(host, { discovery, environment, iid: host.id }, options)
    const peers = new Peers(host, discovery, options)
    const legacy = new LegacyNodes(host, peers, { ...options, announceInterval: this.options.discovery.helloInterval })
    const lost = new LostNodes(component => this.connect(host, component))
    this.running = { discovery, responder, peers, legacy, lost }
    const onHello = (component: RemoteComponent): void => this.onHello(host, component)
    discovery.on('added', onHello).on('changed', onHello)
    discovery.on('removed', (component, reason) => {
      if (component.advertisement.mesh === undefined) legacy.onRemoved(component)
      else this.onRemoved(component, reason)
    })
    try {
      await responder.bind(listen)
      await discovery.start()
    } catch (error) {
      responder.close()
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

  publish (message: EventMessage): void {
    this.running?.responder.publish(message)
    this.running?.legacy.publish(message)
  }

  subscribe (path: string, since?: number): void {
    this.running?.peers.subscribe(path, since)
  }

  unsubscribe (path: string): void {
    this.running?.peers.unsubscribe(path)
  }

  async stop (drainTimeout: number): Promise<void> {
    if (this.running === undefined) return
    const { discovery, responder, peers, legacy, lost } = this.running
    lost.stop()
    await discovery.goodbye()
    await within(drainTimeout, Promise.all([responder.drain(), peers.drain()]))
    await discovery.stop()
    responder.close()
    legacy.close()
    peers.destroy()
    this.running = undefined
  }

  private onHello (host: TransportHost, component: RemoteComponent): void {
    if (this.running === undefined) return
    const { iid, advertisement: { mesh, name } } = component
    const { legacy, lost } = this.running
    if (mesh === undefined || mesh.version < MESH_VERSION) return legacy.onHello(component)
    // A mesh node is its responder; its other components are there for nodes of feathers-distributed.
    if (name !== RESPONDER) return
    lost.delete(iid)
    this.connect(host, component)
  }

  private onRemoved (component: RemoteComponent, reason: 'goodbye' | 'silent'): void {
    const peer = this.running?.peers.get(component.iid)
    if (peer instanceof MeshPeer && peer.isAnother(component)) return
    if (peer !== undefined) peer.leave(reason)
    else if (reason === 'goodbye') this.running?.lost.delete(component.iid)
  }

  /** A mesh node was discovered. */
  private connect (host: TransportHost, component: RemoteComponent): void {
    if (this.running === undefined) return
    const { peers, lost } = this.running
    const make = (options: PeerOptions): MeshPeer => {
      const made: MeshPeer = new MeshPeer(component, host, {
        ...options,
        onLeave: reason => {
          if (reason !== 'goodbye') lost.add(made.component)
          options.onLeave(reason)
        }
      })
      return made
    }
    const peer = peers.get(component.iid) ?? peers.add(component.iid, make)
    if (peer instanceof MeshPeer) peer.update(component)
  }
}
