import { getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import { isReservedEvent } from '../../contract/event-name'
import { fieldsOf } from '../../record'
import type { Listener, RemoteEvents } from '../../remote/remote-events'
import { GAP } from '../../transport/transport'
import { toHookContext } from '../hooks/hook-context'

/** Emits the events of other nodes on a service of this app. Subscribes to an event once the service has a listener. */
export class EventRelay {
  private readonly relayed = new Map<string, Listener>()

  /** @param path - the path of the service on this app */
  constructor (
    private readonly app: Application,
    private readonly service: FeathersService,
    private readonly path: string,
    private readonly remoteEvents: RemoteEvents
  ) {
    service.on('newListener', this.relay)
  }

  /** Relays events that have listeners already, after the service got more events. */
  update (): void {
    for (const event of this.service.eventNames()) if (typeof event === 'string') this.relay(event)
  }

  /** Unsubscribes from an event that no host has any more. */
  drop (event: string): void {
    const listener = this.relayed.get(event)
    if (listener === undefined) return
    this.relayed.delete(event)
    this.remoteEvents.off(this.path, event, listener)
  }

  /** Unsubscribes from all events. */
  stop (): void {
    this.service.off('newListener', this.relay)
    this.relayed.forEach((listener, event) => this.remoteEvents.off(this.path, event, listener))
    this.relayed.clear()
  }

  private readonly relay = (event: string): void => {
    const { serviceEvents = [] } = getServiceOptions(this.service)
    const isRelayed = event === GAP || (serviceEvents.includes(event) && !isReservedEvent(event))
    if (this.relayed.has(event) || !isRelayed) return
    const listener: Listener = (...args) => {
      // Remote events end with a plain hook context.
      const context = fieldsOf(args.pop())
      this.service.emit(event, ...args, toHookContext(this.app, this.service, args[0], context))
    }
    this.relayed.set(event, listener)
    this.remoteEvents.on(this.path, event, listener)
  }
}
