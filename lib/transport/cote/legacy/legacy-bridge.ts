import { randomUUID } from 'node:crypto'
import type { Contract } from '../../../contract/contract'
import type { EventMessage, TransportHost } from '../../transport'
import {
  EVENTS_PUBLISHER, SERVICE, SERVICE_REMOVED, SERVICES_KEY, SERVICES_PUBLISHER, SERVICES_SUBSCRIBER
} from '../component-names'
import { NodeComponent, type ComponentOptions } from '../component'
import type { Discovery } from '../discovery'
import { debug } from '../debug'
import type { ListenOptions } from '../listen'
import { toDescriptor, toWireEvent } from './descriptor'
import { Publisher } from './publisher'

export interface LegacyBridgeOptions {
  readonly discovery: Discovery
  readonly environment: string
  readonly maxMessageSize: number
  readonly listen: ListenOptions
}

/** cote's Subscriber to services: old nodes look for it to know of a node. The connections are made by `LegacyPeer`. */
class ServicesSubscriber extends NodeComponent {
  override get type (): string { return 'sub-emitter' }
  override get oppo (): string { return 'pub-emitter' }
}

/**
 * What nodes of feathers-distributed need of this one: it is announced with three more components,
 * once the first of them was seen, and not before.
 */
export class LegacyBridge {
  private readonly subscriber: ServicesSubscriber
  private readonly services: Publisher
  private readonly events: Publisher
  private published = new Map<string, Contract>()

  private constructor (private readonly host: TransportHost, options: LegacyBridgeOptions) {
    const { discovery, environment, maxMessageSize } = options
    const component = (): ComponentOptions => ({ discovery, environment, iid: randomUUID() })
    this.subscriber = new ServicesSubscriber({ name: SERVICES_SUBSCRIBER, key: SERVICES_KEY, node: host }, component())
    this.services = new Publisher({ name: SERVICES_PUBLISHER, key: SERVICES_KEY, node: host }, component(), {
      maxMessageSize,
      onSubscriber: send => {
        for (const contract of this.published.values()) send(SERVICE, toDescriptor(host, contract))
      }
    })
    this.events = new Publisher({ name: EVENTS_PUBLISHER, key: host.key, node: host }, component(), { maxMessageSize })
  }

  /** Opens the ports and announces them. */
  static async open (host: TransportHost, options: LegacyBridgeOptions): Promise<LegacyBridge> {
    debug('a node of feathers-distributed is there: announcing this one in its way')
    const bridge = new LegacyBridge(host, options)
    bridge.announce()
    await Promise.all([bridge.services.listen(options.listen), bridge.events.listen(options.listen)])
    // Last: old nodes take this one as a sign that the others are there.
    bridge.subscriber.startDiscovery()
    return bridge
  }

  /** Tells old nodes which contracts came, changed and went. */
  announce (): void {
    const now = new Map(this.host.contracts().map(contract => [contract.path, contract]))
    for (const [path, contract] of this.published) {
      if (!now.has(path)) this.services.publish(SERVICE_REMOVED, toDescriptor(this.host, contract))
    }
    for (const [path, contract] of now) {
      if (JSON.stringify(contract) !== JSON.stringify(this.published.get(path))) {
        this.services.publish(SERVICE, toDescriptor(this.host, contract))
      }
    }
    this.published = now
  }

  publish (message: EventMessage): void {
    this.events.publish(message.event, toWireEvent(message))
  }

  close (): void {
    this.services.close()
    this.events.close()
  }
}
