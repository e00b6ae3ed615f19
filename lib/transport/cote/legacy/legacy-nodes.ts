import type { EventMessage, TransportHost } from '../../transport'
import { debug } from '../debug'
import type { RemoteComponent } from '../discovery/discovery'
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

/** The nodes of feathers-distributed: finds them by their components, and announces this node to them. */
export class LegacyNodes {
  private bridge: LegacyBridge | undefined
  private opening: Promise<void> | undefined
  private closed = false
  private readonly contextTakers = new ContextTakers()

  constructor (
    private readonly host: TransportHost, private readonly peers: Peers, private readonly options: LegacyBridgeOptions
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
    const known = this.peers.get(id) ?? this.add(id, key)
    if (!(known instanceof LegacyPeer)) return
    this.contextTakers.add(id, component)
    known.update(kind, component)
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

  private add (id: string, key: string): LegacyPeer {
    return this.peers.add(id, options => new LegacyPeer(id, key, this.host, {
      ...options,
      askServices: () => this.greet(),
      onLeave: reason => {
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
