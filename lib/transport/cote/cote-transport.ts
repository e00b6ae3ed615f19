import { MESH_VERSION } from './control'
import type { EventMessage, ReplyHandler, Request, Transport, TransportHost } from '../transport'
import { TransportError } from '../transport'
import { resolveOptions, type CoteOptions, type ResolvedOptions } from './cote-options'
import { Discovery, type RemoteComponent } from './discovery'
import { PeerNode } from './peer-node'
import { Responder } from './responder'

/** The id of a request that was never made. */
const NO_REQUEST = -1

/** Nodes that find each other by cote's hellos and call each other over cote's wire. */
export class CoteTransport implements Transport {
  private readonly options: ResolvedOptions
  private readonly discovery: Discovery
  private readonly peers = new Map<string, PeerNode>()
  /** Peers that left while calls to them were under way. */
  private readonly leaving = new Set<PeerNode>()
  private readonly interest = new Set<string>()
  private responder: Responder | undefined
  private idleCheck: NodeJS.Timeout | undefined

  /** @param options - what is left out comes from cote's environment variables, then from the defaults */
  constructor (options: CoteOptions = {}) {
    this.options = resolveOptions(options)
    this.discovery = new Discovery(this.options.discovery)
  }

  /** @throws {@link ConfigurationError} when the ports that the options allow are taken */
  async start (host: TransportHost): Promise<void> {
    const { discovery, options } = this
    const responder = new Responder(host, discovery, options)
    this.responder = responder
    discovery.on('added', component => this.onHello(host, component))
    discovery.on('changed', component => this.onHello(host, component))
    discovery.on('removed', ({ iid }, reason) => this.peers.get(iid)?.leave(reason))
    try {
      await responder.listen(options.listen)
      await discovery.start()
    } catch (error) {
      responder.close()
      throw error
    }
    this.idleCheck = setInterval(() => this.closeIdle(), options.idleTimeout / 2)
  }

  announce (): void {
    this.responder?.announce()
  }

  request (peerId: string, request: Request, handler: ReplyHandler): number {
    const peer = this.peers.get(peerId)
    if (peer !== undefined) return peer.request(request, handler)
    queueMicrotask(() => handler.fail(new TransportError(`node ${peerId} has left`, 'not-sent')))
    return NO_REQUEST
  }

  forget (peerId: string, requestId: number): void {
    this.peers.get(peerId)?.forget(requestId)
  }

  publish (message: EventMessage): void {
    this.responder?.publish(message)
  }

  listen (path: string): void {
    this.interest.add(path)
    for (const peer of this.peers.values()) peer.listen()
  }

  unlisten (path: string): void {
    this.interest.delete(path)
    for (const peer of this.peers.values()) peer.listen()
  }

  async stop (drainTimeout: number): Promise<void> {
    clearInterval(this.idleCheck)
    await this.discovery.goodbye()
    const links = [...this.peers.values(), ...this.leaving].map(async peer => await peer.drain())
    await within(drainTimeout, Promise.all([this.responder?.drain(), ...links]))
    await this.discovery.stop()
    this.responder?.close()
    for (const peer of [...this.peers.values(), ...this.leaving]) peer.destroy()
    this.peers.clear()
  }

  private onHello (host: TransportHost, component: RemoteComponent): void {
    const { iid, advertisement: { axon_type: type, key, mesh } } = component
    if (type !== 'rep' || mesh === undefined || mesh.version < MESH_VERSION) return
    if (!key.startsWith(`${this.options.environment}$$`)) return
    const known = this.peers.get(iid)
    if (known !== undefined) return known.update(component)
    const peer = new PeerNode(component, host, {
      ...this.options,
      interest: this.interest,
      onLeave: reason => {
        this.peers.delete(iid)
        this.discovery.forget(iid)
        this.leaving.add(peer)
        void peer.drain().then(() => this.leaving.delete(peer))
        host.left(iid, reason)
      }
    })
    this.peers.set(iid, peer)
    peer.update(component)
  }

  private closeIdle (): void {
    const now = Date.now()
    for (const peer of this.peers.values()) peer.closeIdle(now)
  }
}

/** Waits for the work, but no longer than so many milliseconds. */
async function within (milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>(resolve => { timer = setTimeout(resolve, milliseconds) })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
