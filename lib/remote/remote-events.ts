import { EventEmitter } from 'node:events'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { EventMessage, Transport } from '../transport/transport'
import { isRecord } from '../record'

const NONE: readonly RemoteServiceEntry[] = []

/** Receives the arguments of an event and, last, its context. */
export type Listener = (...args: unknown[]) => void

/**
 * The events of services by their path on this node. The node subscribes to those of a remote service as long as it has
 * a listener.
 */
export class RemoteEvents {
  private readonly emitters = new Map<string, EventEmitter>()
  /** The remote services in use, by their paths on their hosts, where services of several keys may share one. */
  private readonly sources = new Map<string, RemoteServiceEntry[]>()

  constructor (private readonly registry: Registry, private readonly transport: Transport) {
    registry.on('service', entry => {
      this.sources.set(entry.remotePath, [...this.sourcesOf(entry.remotePath), entry])
      this.update(entry)
    })
    registry.on('service-removed', entry => {
      const others = this.sourcesOf(entry.remotePath).filter(source => source !== entry)
      if (others.length > 0) this.sources.set(entry.remotePath, others)
      else this.sources.delete(entry.remotePath)
      this.update(entry)
    })
  }

  /** Adds a listener. */
  on (path: string, event: string, listener: Listener): void {
    const emitter = this.emitters.get(path) ?? new EventEmitter().setMaxListeners(0)
    this.emitters.set(path, emitter.on(event, listener))
    this.update(this.registry.service(path))
  }

  /** Removes a listener. */
  off (path: string, event: string, listener: Listener): void {
    const emitter = this.emitters.get(path)
    if (emitter === undefined) return
    emitter.off(event, listener)
    if (emitter.eventNames().length > 0) return
    this.emitters.delete(path)
    this.update(this.registry.service(path))
  }

  /** Emits an event that came over the mesh, on each path that its service has here. */
  receive (message: EventMessage): void {
    for (const { path, key } of this.sourcesOf(message.path)) if (key === message.key) this.emit(path, message)
  }

  /** Emits an event on a path of this node. */
  emit (path: string, { event, args, context }: EventMessage): void {
    const emitter = this.emitters.get(path)
    if (emitter === undefined || emitter.listenerCount(event) === 0) return
    // Listeners read them, and a peer may send anything.
    const params = isRecord(context?.params) ? context.params : {}
    try {
      emitter.emit(event, ...args, { type: null, method: null, ...context, params, path, event })
    } catch (error) {
      // A listener that throws is a fault of the program, as with any emitter, and must not break the connection.
      queueMicrotask(() => { throw error })
    }
  }

  private update (changed: RemoteServiceEntry | undefined): void {
    if (changed === undefined) return
    const { remotePath } = changed
    if (this.sourcesOf(remotePath).some(({ path }) => this.emitters.has(path))) this.transport.subscribe(remotePath)
    else this.transport.unsubscribe(remotePath)
  }

  private sourcesOf (remotePath: string): readonly RemoteServiceEntry[] {
    return this.sources.get(remotePath) ?? NONE
  }
}
