import { EventEmitter } from 'node:events'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { EventMessage, Transport } from '../transport/transport'

/** Gets the arguments of an event and, last, its context. */
export type Listener = (...args: unknown[]) => void

/**
 * The events of services by their path on this node. The transport is asked for those of a remote service
 * as long as somebody listens to it.
 */
export class RemoteEvents {
  private readonly emitters = new Map<string, EventEmitter>()

  constructor (private readonly registry: Registry, private readonly transport: Transport) {
    registry.on('service', entry => this.update(entry))
    registry.on('service-removed', entry => this.update(entry))
  }

  on (path: string, event: string, listener: Listener): void {
    const emitter = this.emitters.get(path) ?? new EventEmitter().setMaxListeners(0)
    this.emitters.set(path, emitter.on(event, listener))
    this.update(this.registry.service(path))
  }

  off (path: string, event: string, listener: Listener): void {
    const emitter = this.emitters.get(path)
    if (emitter === undefined) return
    emitter.off(event, listener)
    if (emitter.eventNames().length > 0) return
    this.emitters.delete(path)
    this.update(this.registry.service(path))
  }

  /** An event came over the mesh. */
  receive (message: EventMessage): void {
    for (const entry of this.registry.services) {
      if (entry.remotePath === message.path && entry.key === message.key) this.emit(entry.path, message)
    }
  }

  /** Gives an event to those who listen on a path of this node. */
  emit (path: string, { event, args, context }: EventMessage): void {
    const emitter = this.emitters.get(path)
    if (emitter === undefined || emitter.listenerCount(event) === 0) return
    try {
      emitter.emit(event, ...args, { ...context, path, event })
    } catch (error) {
      // The fault of a listener is its program's, as with any emitter; the connection has nothing to do with it.
      queueMicrotask(() => { throw error })
    }
  }

  /** Services of several keys may have one path over there: it is listened to for all of them. */
  private update (changed: RemoteServiceEntry | undefined): void {
    if (changed === undefined) return
    const { remotePath } = changed
    const { services } = this.registry
    const wanted = services.some(entry => entry.remotePath === remotePath && this.emitters.has(entry.path))
    if (wanted) this.transport.listen(remotePath)
    else this.transport.unlisten(remotePath)
  }
}
