import type { Measures } from '../inspection/measures'
import { LineLimit } from '../line-limit'
import type { NodeLog } from '../log'
import { messageOf } from '../printable'
import type { RemoteEvents } from '../remote/remote-events'
import { chooseMembers } from '../transport/event-groups'
import type { EventStore } from '../transport/event-store'
import type { OnRejected } from '../transport/rejections'
import { notStored } from '../errors'
import type { EventMessage, Transport } from '../transport/transport'
import type { EventAudience } from './offering/event-audience'
import type { AwaitedStores } from './serving/awaited-stores'

const NO_GROUPS: readonly string[] = []

/** Where the events of a node go. */
export interface OwnEventsOptions {
  readonly transport: Pick<Transport, 'publish' | 'groups' | 'eventStore'>
  /** Calls wait for the durable events that they emit. */
  readonly stores: AwaitedStores
  readonly onRejected: OnRejected
  readonly audience: EventAudience
  readonly log: NodeLog
  /** The listeners of this node. */
  readonly listeners: RemoteEvents
  /** Whether other nodes get events now. */
  readonly isPublished: () => boolean
  readonly measures: Measures
}

/** The events of the services of this node: its own listeners hear them, and those of other nodes. */
export class OwnEvents {
  private readonly warnings = new LineLimit()

  constructor (private readonly options: OwnEventsOptions) {}

  /** Gives an event to all who hear it. One that can't be sent is a warning. */
  publish (message: EventMessage, isDurable = false): void {
    if (isDurable) this.options.stores.add(this.store(message))
    this.publishNow(message)
  }

  /** A service with durable events is offered. */
  beginDurable (): void {
    this.options.stores.begin()
    this.eventStore?.use()
  }

  /** What keeps durable events; undefined where the transport keeps none. */
  get eventStore (): EventStore | undefined {
    return this.options.transport.eventStore
  }

  /** Keeps a durable event. What could not be kept is logged and counted: the program may await it, or not. */
  private async store (message: EventMessage): Promise<void> {
    const { log, onRejected, isPublished } = this.options
    const { path, event } = message
    try {
      if (!isPublished()) throw new Error('this node is not on the mesh, or publishEvents is false')
      await this.eventStore?.publish(message)
    } catch (error) {
      const fault = notStored(path, event, error)
      onRejected('unstoredEvents', path)
      log.tell('FEATHERS_MESH_EVENT_UNSENT', fault.message, { path, event }, this.warnings)
      throw fault
    }
  }

  private publishNow (message: EventMessage): void {
    const { listeners, log, isPublished } = this.options
    const { path, event } = message
    const groups = listeners.groupsOf(path, event)
    listeners.emit(path, message)
    let own = groups
    try {
      if (isPublished()) own = this.send(message, groups)
    } catch (error) {
      // The call that caused the event has run, so its caller has to get the result.
      const text = `the event '${event}' of '${path}' can't be sent to other nodes: ${messageOf(error)}`
      log.tell('FEATHERS_MESH_EVENT_UNSENT', text, { path, event }, this.warnings)
    }
    if (own !== undefined && own.length > 0) listeners.emitToGroups(message, own)
  }

  /**
   * Sends an event to other nodes.
   *
   * @param groups - those that this node is in
   * @returns those of them for which this node is chosen
   * @throws what encoding throws for an event that can't be sent
   */
  send (untraced: EventMessage, groups?: readonly string[]): readonly string[] {
    const { audience, transport, measures: { tracer } } = this.options
    const { path, event } = untraced
    this.count(untraced)
    const trace = tracer?.published(untraced)
    const message = trace === undefined ? untraced : { ...untraced, trace }
    const peers = transport.groups?.of(path, event)
    if (peers === undefined && groups === undefined) {
      transport.publish(message)
      return NO_GROUPS
    }
    const choice = chooseMembers(peers, groups, audience.of(path, event))
    transport.publish(message, choice)
    return choice.own
  }

  private count ({ path, event, args }: EventMessage): void {
    const { events, taps } = this.options.measures
    events.of(path, event).sent++
    if (taps.areOpen) taps.take({ side: 'sent', path, name: event, payload: args })
  }
}
