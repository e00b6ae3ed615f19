import { EventEmitter } from 'node:events'
import { RecentMap } from '../collections/recent-map'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import type { EventMessage, Transport } from '../transport/transport'
import { isRecord } from '../record'

const NONE: readonly RemoteServiceEntry[] = []

/** How many nodes that leave are remembered, the last ones: a transport may not tell when nothing more comes of one. */
const MAX_LEAVING = 1_000

/** Receives the arguments of an event and, last, its context. */
export type Listener = (...args: unknown[]) => void

/**
 * The events of services by their path on this node. The node subscribes to those of a remote service as long as it has
 * a listener.
 */
export class RemoteEvents {
  private readonly emitters = new Map<string, EventEmitter>()
  /** Since when each of them has listeners, as `performance.now()` gives it. */
  private readonly since = new Map<string, number>()
  /** The remote services in use, by their paths on their hosts, where services of several keys may share one. */
  private readonly sources = new Map<string, RemoteServiceEntry[]>()
  /** The remote services of nodes that left while events of them may still come, by the ids of the nodes. */
  private readonly leaving = new RecentMap<string, readonly RemoteServiceEntry[]>(MAX_LEAVING)
  /** What to do when no event of a path can come late any more. */
  private readonly waiting = new Map<() => void, string>()

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
    if (!this.since.has(path)) this.since.set(path, performance.now())
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
    this.since.delete(path)
    this.update(this.registry.service(path))
  }

  /** Emits an event that came over the mesh, on each path that its service has here. */
  receive (message: EventMessage): void {
    const sources = this.sourcesOf(message.path)
    for (const { path, key } of sources) if (key === message.key) this.emit(path, message)
    if (this.leaving.size > 0) this.receiveFromLeaving(message, sources)
  }

  /** A node is about to leave the registry. Its events are emitted until {@link ended}, also those that come late. */
  leaves (nodeId: string): void {
    const entries = this.registry.services.filter(({ hosts }) => hosts.some(({ node }) => node.id === nodeId))
    if (entries.length > 0) this.leaving.set(nodeId, entries)
  }

  /** Nothing more comes of a node that left. */
  ended (nodeId: string): void {
    this.leaving.delete(nodeId)
    for (const [action, path] of this.waiting) this.whenEnded(path, action)
  }

  /** Runs an action, now or later, when no event of a path can come of nodes that left. */
  whenEnded (path: string, action: () => void): void {
    for (const entries of this.leaving.values()) {
      if (entries.some(entry => entry.path === path)) {
        this.waiting.set(action, path)
        return
      }
    }
    this.waiting.delete(action)
    action()
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

  private receiveFromLeaving (message: EventMessage, sources: readonly RemoteServiceEntry[]): void {
    const paths = new Set<string>()
    for (const entries of this.leaving.values()) {
      for (const { path, key, remotePath } of entries) {
        if (remotePath === message.path && key === message.key) paths.add(path)
      }
    }
    for (const { path, key } of sources) if (key === message.key) paths.delete(path)
    for (const path of paths) this.emit(path, message)
  }

  private update (changed: RemoteServiceEntry | undefined): void {
    if (changed === undefined) return
    const { remotePath } = changed
    const since = this.sourcesOf(remotePath).map(({ path }) => this.since.get(path)).filter(each => each !== undefined)
    if (since.length > 0) this.transport.subscribe(remotePath, Math.min(...since))
    else this.transport.unsubscribe(remotePath)
  }

  private sourcesOf (remotePath: string): readonly RemoteServiceEntry[] {
    return this.sources.get(remotePath) ?? NONE
  }
}
