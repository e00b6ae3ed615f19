import type { EventMessage, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
import type { Newcomers } from '../outbound/newcomers'
import type { Peers } from '../outbound/peers'
import { EVENTS_PUBLISHER, RESPONDER, SERVICES_PUBLISHER, SERVICES_SUBSCRIBER } from '../discovery/hello'
import { ContextTakers } from './context-takers'
import { LegacyBridge, type LegacyBridgeOptions } from './legacy-bridge'
import { LegacyPeer, type LegacyComponent } from './legacy-peer'

const COMPONENTS: Readonly<Record<string, LegacyComponent>> = {
  [RESPONDER]: 'responder',
  [SERVICES_PUBLISHER]: 'services',
  [EVENTS_PUBLISHER]: 'events'
}

/** What {@link LegacyNodes} needs of its node. */
export interface LegacyNodesOptions extends LegacyBridgeOptions {
  readonly newcomers: Newcomers
}

/** The nodes of feathers-distributed: finds them by their components, and announces this node to them. */
export class LegacyNodes {
  private bridge: LegacyBridge | undefined
  private opening: Promise<void> | undefined
  private closed = false
  private readonly contextTakers = new ContextTakers()

  constructor (
    private readonly host: TransportHost, private readonly peers: Peers, private readonly options: LegacyNodesOptions
  ) {}

  /** Whether such nodes are there: they open connections that they may not use for a long time. */
  get hasNodes (): boolean {
    return this.contextTakers.hasNodes
  }

  /** Takes a hello of a component that belongs to no mesh node. */
  onHello (component: RemoteComponent): void {
    const { name, appUuid: id, appDistributionKey: key } = component.advertisement
    if (id === undefined || key === undefined) return
    const kind = kindOf(name)
    if (kind === undefined && name !== SERVICES_SUBSCRIBER) return
    this.opening ??= this.open()
    if (kind === undefined) return
    const known = this.peers.get(id)
    if (known instanceof LegacyPeer) this.update(known, component)
    if (known !== undefined) return
    this.options.newcomers.meet({ id, address: component.address, start: () => this.start(id, key) })
  }

  /** A node has more components than those that stand for it; the others come and go while it stays. */
  onRemoved (component: RemoteComponent): void {
    const { name, appUuid } = component.advertisement
    const kind = kindOf(name)
    const peer = appUuid === undefined ? undefined : this.peers.get(appUuid)
    if (kind !== undefined && peer instanceof LegacyPeer) peer.remove(kind, component)
  }

  /** The contracts of this node changed. */
  announce (): void {
    this.bridge?.announce()
  }

  /** Sends an event to all subscribers that may hear it. */
  publish (message: EventMessage): void {
    this.bridge?.publish(message)
  }

  /** Announces this node no more. */
  close (): void {
    this.closed = true
    this.bridge?.close()
  }

  /** Connects to all components of a node that are known by now. */
  private start (id: string, key: string): LegacyPeer {
    const peer = this.add(id, key)
    for (const component of this.options.discovery.components) {
      const { appUuid, mesh } = component.advertisement
      if (appUuid === id && mesh === undefined) this.update(peer, component)
    }
    return peer
  }

  private update (peer: LegacyPeer, component: RemoteComponent): void {
    const kind = kindOf(component.advertisement.name)
    if (kind === undefined) return
    this.contextTakers.add(peer.id, component)
    peer.update(kind, component)
  }

  private add (id: string, key: string): LegacyPeer {
    const { newcomers } = this.options
    return this.peers.add(id, options => new LegacyPeer(id, key, this.host, {
      ...options,
      askServices: () => this.greet(),
      onDial: () => {
        options.onDial?.()
        newcomers.dialled(id)
      },
      onJoined: () => {
        options.onJoined?.()
        newcomers.joined(id)
      },
      onLeave: reason => {
        newcomers.left(id)
        this.contextTakers.delete(id)
        options.onLeave(reason)
      }
    }))
  }

  private greet (): void {
    if (this.closed) return
    this.opening ??= this.open()
    void this.opening.then(() => { this.bridge?.greet() })
  }

  private async open (): Promise<void> {
    try {
      this.bridge = await LegacyBridge.open(this.host, this.contextTakers, this.options)
      if (this.closed) this.bridge.close()
    } catch (error) {
      debug('can\'t announce this node to feathers-distributed: %s', (error as Error).message)
      // The next node of feathers-distributed, or the next question to one, is the next try.
      this.opening = undefined
    }
  }
}

function kindOf (name: string): LegacyComponent | undefined {
  return Object.hasOwn(COMPONENTS, name) ? COMPONENTS[name] : undefined
}
