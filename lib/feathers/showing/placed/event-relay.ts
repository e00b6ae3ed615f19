import { EventEmitter } from 'node:events'
import { getServiceOptions, type Application, type FeathersService } from '@feathersjs/feathers'
import { isReservedEvent } from '../../../contract/event-name'
import type { NodeLog } from '../../../log'
import { messageOf } from '../../../printable'
import { fieldsOf } from '../../../record'
import type { Listener } from '../../../remote/listener'
import type { RemoteEvents } from '../../../remote/remote-events'
import type { Remotes } from '../../../remote/remotes'
import { GAP } from '../../../transport/transport'
import { throwIfEndlessJson } from '../../../transport/values/json-text'
import { toHookContext } from '../../hooks/hook-context'

/** Emits the events of other nodes on a service of this app. Subscribes to an event once the service has a listener. */
export class EventRelay {
  private readonly relayed = new Map<string, Listener>()
  /** Whether an event that clients can't get was told of. */
  private hasWarned = false

  private readonly remoteEvents: RemoteEvents
  private readonly log: NodeLog

  /** @param path - the path of the service on this app */
  constructor (
    private readonly app: Application,
    private readonly service: FeathersService,
    private readonly path: string,
    { events, failures: { log } }: Pick<Remotes, 'events' | 'failures'>
  ) {
    this.remoteEvents = events
    this.log = log
    service.on('newListener', this.relay)
  }

  /** Relays events that have listeners already, after the service got more events. */
  update (): void {
    for (const event of this.service.eventNames()) if (typeof event === 'string') this.relay(event)
  }

  /** Relays an event that came before this node listened to it here. */
  receive (event: string, args: readonly unknown[]): void {
    this.relayed.get(event)?.(...args)
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
      if (!this.isForClients(event, [args[0], context.dispatch, context.result])) return
      this.emit(event, [...args, toHookContext(this.app, this.service, args[0], context)])
    }
    this.relayed.set(event, listener)
    this.remoteEvents.on(this.path, event, listener)
  }

  /**
   * Emits an event as an emitter does, except that each listener hears it whatever the others do: what one throws, or
   * its promise rejects with, is a warning. The payload comes from another node, so it may be anything.
   */
  private emit (event: string, args: readonly unknown[]): void {
    const { service } = this
    // A program may have put its own in the place of it.
    if (service.emit !== EventEmitter.prototype.emit) {
      service.emit(event, ...args)
      return
    }
    const report = (error: unknown): void => this.remoteEvents.report(this.path, event, error)
    // Raw: one that was added by once() takes itself away.
    for (const listener of service.rawListeners(event)) {
      try {
        const returned: unknown = Reflect.apply(listener, service, args)
        if (returned instanceof Promise) returned.catch(report)
      } catch (error) {
        report(error)
      }
    }
  }

  /**
   * Whether channels of the app, if it has any, can send an event to clients: they write it as JSON, and a few bytes
   * may stand for more of that than this node can ever write.
   */
  private isForClients (event: string, shown: readonly unknown[]): boolean {
    if (!('channel' in this.app)) return true
    try {
      throwIfEndlessJson(shown)
      return true
    } catch (error) {
      if (!this.hasWarned) this.warnOfDropped(event, error)
      this.hasWarned = true
      return false
    }
  }

  /** Says once for a service that clients miss events. */
  private warnOfDropped (event: string, error: unknown): void {
    const { path } = this
    const text = `an event '${event}' of '${path}' can't be sent to clients, and is dropped, as any other of its kind: ` +
      messageOf(error)
    this.log.tell('FEATHERS_MESH_EVENT_DROPPED', text, { path, event })
  }
}
