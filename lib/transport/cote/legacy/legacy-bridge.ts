import { randomUUID } from 'node:crypto'
import type { Contract } from '../../../contract/contract'
import { describe } from '../../../contract/descriptor'
import type { EventMessage, TransportHost } from '../../transport'
import {
  EVENTS_PUBLISHER, SERVICE, SERVICE_REMOVED, SERVICES_KEY, SERVICES_PUBLISHER, SERVICES_SUBSCRIBER
} from '../discovery/component-names'
import { OwnComponent, type ComponentOptions } from '../discovery/component'
import type { Discovery } from '../discovery/discovery'
import { debug } from '../debug'
import type { BindOptions } from '../inbound/bind-port'
import type { ListenerOptions } from '../inbound/listener'
import type { ContextTakers } from './context-takers'
import { BRIDGE, Publisher } from './publisher'
import { toEventWithContext, toPlainEvent } from './wire-event'

export interface LegacyBridgeOptions extends ListenerOptions {
  readonly discovery: Discovery
  readonly environment: string
  readonly maxMessageSize: number
  readonly maxBacklog: number
  readonly listen: BindOptions
  /** Milliseconds from one time that old nodes are told of all services to the next. */
  readonly announceInterval: number
}

/**
 * cote's Subscriber to services: nodes of feathers-distributed look for it to know of a node. The connections are made
 * by {@link LegacyPeer}.
 */
function servicesSubscriber (node: { readonly id: string, readonly key: string }, options: ComponentOptions): OwnComponent {
  return new OwnComponent({ type: 'sub-emitter', name: SERVICES_SUBSCRIBER, key: SERVICES_KEY, node }, options)
}

/** Milliseconds after which a passer-by says hello: one for all who ask until then. */
const GREETING_DELAY_MS = 50

/**
 * What nodes of feathers-distributed need of this one: it is announced with three more components,
 * once the first of them was seen, and not before.
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
    // One that did not hear this node for a while has forgotten what it knew, and stayed connected.
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
    // Last: old nodes take this one as a sign that the others are there.
    bridge.subscriber.announce({ mesh: BRIDGE })
    return bridge
  }

  /** Tells old nodes which contracts went, and which there are: they pass over those that they have. */
  announce (): void {
    const now = this.host.contracts()
    const gone = this.published.filter(({ path }) => now.every(contract => contract.path !== path))
    for (const contract of gone) this.tell(SERVICE_REMOVED, contract)
    for (const contract of now) this.tell(SERVICE, contract)
    this.published = now
  }

  publish (message: EventMessage): void {
    const { path, event } = message
    let plain: object | undefined
    let withContext: object | undefined
    this.events.publish(event, ({ address }) => this.contextTakers.has(address)
      ? withContext ??= toEventWithContext(message)
      : plain ??= toPlainEvent(message), this.host.audience?.(path, event))
  }

  /**
   * Tells an old node that came, or came back, what there is here, and makes it tell its services. It does so once
   * for each node that it has not seen yet, often before that node could connect to hear it. So one more node seems
   * to pass by, another one each time, which old nodes soon forget.
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

  close (): void {
    this.closed = true
    clearTimeout(this.greeting)
    clearInterval(this.announcing)
    this.services.close()
    this.events.close()
  }

  private tell (event: string, contract: Contract): void {
    const descriptor = describe(this.host, contract)
    this.services.publish(event, () => descriptor)
  }
}
