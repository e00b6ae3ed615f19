import { randomUUID } from 'node:crypto'
import type { Contract } from '../../../contract/contract'
import { describe } from '../../../contract/descriptor'
import type { EventMessage, TransportHost } from '../../transport'
import {
  EVENTS_PUBLISHER, SERVICE, SERVICE_REMOVED, SERVICES_KEY, SERVICES_PUBLISHER, SERVICES_SUBSCRIBER
} from '../discovery/hello'
import { OwnComponent, type ComponentOptions } from '../discovery/component'
import type { Discovery } from '../discovery/discovery'
import { debug } from '../debug'
import type { BindOptions } from '../inbound/bind-port'
import type { ListenerOptions } from '../inbound/listener'
import type { ContextTakers } from './context-takers'
import type { ConnectionSettings } from '../wire/connection'
import { BRIDGE, Publisher } from './publisher'
import { toEventWithContext, toPlainEvent } from './wire-event'

/** What a {@link LegacyBridge} needs of its node. */
export interface LegacyBridgeOptions extends ListenerOptions, ConnectionSettings {
  readonly discovery: Discovery
  readonly environment: string
  readonly maxBacklog: number
  readonly listen: BindOptions
  /** Milliseconds from one announcement of all services to the next. */
  readonly announceInterval: number
}

/**
 * cote's Subscriber to services: nodes of feathers-distributed look for it to know of a node. The connections are made
 * by {@link LegacyPeer}.
 */
function servicesSubscriber (node: Pick<TransportHost, 'id' | 'key'>, options: ComponentOptions): OwnComponent {
  return new OwnComponent({ type: 'sub-emitter', name: SERVICES_SUBSCRIBER, key: SERVICES_KEY, node }, options)
}

/** Milliseconds after which a greeting is sent: one for all questions until then. */
const GREETING_DELAY_MS = 50

/**
 * What nodes of feathers-distributed need of this one: three more components, which are announced when the first such
 * node was seen, and not before.
 */
export class LegacyBridge {
  private readonly subscriber: OwnComponent
  private readonly services: Publisher
  private readonly events: Publisher
  private greeting: NodeJS.Timeout | undefined
  private readonly announcing: NodeJS.Timeout
  private closed = false
  private published: readonly Contract[] = []

  private constructor (
    private readonly host: TransportHost, private readonly contextTakers: ContextTakers,
    private readonly options: LegacyBridgeOptions
  ) {
    const { discovery, environment } = options
    const component = (): ComponentOptions => ({ discovery, environment, iid: randomUUID() })
    this.subscriber = servicesSubscriber(host, component())
    this.services = new Publisher({ name: SERVICES_PUBLISHER, key: SERVICES_KEY, node: host }, component(), {
      ...options,
      onSubscriber: send => {
        for (const contract of this.published) send(SERVICE, describe(host, contract))
      }
    })
    this.events = new Publisher({ name: EVENTS_PUBLISHER, key: host.key, node: host }, component(), options)
    // A node that did not hear this one for a while has forgotten its services, and is still connected.
    this.announcing = setInterval(() => this.announce(), options.announceInterval)
  }

  /** Opens the ports and announces them. */
  static async open (
    host: TransportHost, contextTakers: ContextTakers, options: LegacyBridgeOptions
  ): Promise<LegacyBridge> {
    debug('a node of feathers-distributed is there: announcing this one in its way')
    const bridge = new LegacyBridge(host, contextTakers, options)
    bridge.announce()
    try {
      await bridge.services.bind(options.listen)
      await bridge.events.bind(options.listen)
    } catch (error) {
      bridge.close()
      throw error
    }
    // Last, as it makes nodes of feathers-distributed look for the others.
    bridge.subscriber.announce({ mesh: BRIDGE })
    return bridge
  }

  /** Announces which contracts went, and which are offered: nodes ignore those that they know. */
  announce (): void {
    const now = this.host.contracts()
    const gone = this.published.filter(({ path }) => now.every(contract => contract.path !== path))
    for (const contract of gone) this.send(SERVICE_REMOVED, contract)
    for (const contract of now) this.send(SERVICE, contract)
    this.published = now
  }

  /** Sends an event to all subscribers that may hear it, to each in the form that its version reads. */
  publish (message: EventMessage): void {
    if (!this.events.hasSubscribers) return
    const { path, event } = message
    let plain: object | undefined
    let withContext: object | undefined
    this.events.publish(event, ({ address }) => this.contextTakers.has(address)
      ? withContext ??= toEventWithContext(message)
      : plain ??= toPlainEvent(message), this.host.audience?.(path, event))
  }

  /**
   * Makes a node that came, or came back, announce its services, and announces those of this node to it. Such a node
   * announces its services once to each node that it has not seen yet, often before that node could connect. So this
   * says one hello in the name of another new node each time, which the others soon forget.
   */
  greet (): void {
    if (this.closed) return
    this.greeting ??= setTimeout(() => {
      this.greeting = undefined
      const { host, options: { discovery, environment } } = this
      const iid = randomUUID()
      const { advertisement } = servicesSubscriber({ id: iid, key: host.key }, { discovery, environment, iid })
      discovery.helloOnce(iid, { ...advertisement, mesh: BRIDGE })
      this.announce()
    }, GREETING_DELAY_MS)
  }

  /** Closes the ports. */
  close (): void {
    this.closed = true
    clearTimeout(this.greeting)
    clearInterval(this.announcing)
    this.services.close()
    this.events.close()
  }

  private send (event: string, contract: Contract): void {
    const descriptor = describe(this.host, contract)
    this.services.publish(event, () => descriptor)
  }
}
