import { EventEmitter } from 'node:events'
import { SizedMap } from '../collections/sized-map'
import { isReservedEvent } from '../contract/event-name'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import { GAP, type EventMessage, type Transport } from '../transport/transport'
import { LineLimit } from '../line-limit'
import { LeavingServices } from './leaving-services'
import type { NodeLog } from '../log'
import { messageOf, printable, printablePart } from '../printable'
import { fieldsOf, isRecord } from '../record'

const NONE: readonly RemoteServiceEntry[] = []

/** How many nodes that leave are remembered, the last ones: a transport may not tell when nothing more comes of one. */
const MAX_LEAVING = 1_000
/** How many services of all these nodes are remembered. */
const MAX_LEAVING_SERVICES = 100_000

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
  private readonly leaving = new SizedMap<string, LeavingServices>(
    MAX_LEAVING, MAX_LEAVING_SERVICES, (_id, services) => services.size
  )
  /** What to do when no event of a path can come late any more. */
  private readonly waiting = new Map<() => void, string>()

  private readonly limit = new LineLimit()

  constructor (
    private readonly registry: Registry, private readonly transport: Transport, private readonly log: NodeLog
  ) {
    registry.on('service', entry => {
      this.sources.set(entry.remotePath, [...this.sourcesOf(entry.remotePath), entry])
      // Without listeners here there is nothing to subscribe to.
      if (this.since.has(entry.path)) this.update(entry)
    })
    registry.on('service-removed', entry => {
      const others = this.sourcesOf(entry.remotePath).filter(source => source !== entry)
      if (others.length > 0) this.sources.set(entry.remotePath, others)
      else this.sources.delete(entry.remotePath)
      this.update(entry)
    })
  }

  /** Adds a listener. One of an event that no service can have hears nothing: an emitter would tell it other things. */
  on (path: string, event: string, listener: Listener): void {
    if (isReservedEvent(event) && event !== GAP) return
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

  /**
   * Emits an event that came over the mesh, on each path that its service has here. Nothing tells whether its payload
   * is what listeners expect, so one that throws is reported, and does not end the process.
   */
  receive (message: EventMessage): void {
    const sources = this.sourcesOf(message.path)
    for (const { path, key } of sources) if (key === message.key) this.deliverFromPeer(path, message)
    if (this.leaving.size > 0) this.receiveFromLeaving(message, sources)
  }

  private deliverFromPeer (path: string, message: EventMessage): void {
    this.deliver(path, message, error => this.report(path, message.event, error))
  }

  /** A node is about to leave the registry. Its events are emitted until {@link ended}, also those that come late. */
  leaves (nodeId: string): void {
    const entries = this.registry.services.filter(({ hosts }) => hosts.some(({ node }) => node.id === nodeId))
    if (entries.length === 0) return
    const size = this.leaving.has(nodeId) ? this.leaving.size : this.leaving.size + 1
    // Nobody tells the end of one that is forgotten.
    if (this.leaving.set(nodeId, new LeavingServices(entries)).size < size) this.endWaiting()
  }

  /** Nothing more comes of a node that left. */
  ended (nodeId: string): void {
    this.leaving.delete(nodeId)
    this.endWaiting()
  }

  /** Runs the actions that wait for none of the nodes any more. */
  private endWaiting (): void {
    for (const [action, path] of this.waiting) this.whenEnded(path, action)
  }

  /** Runs an action, now or later, when no event of a path can come of nodes that left. */
  whenEnded (path: string, action: () => void): void {
    for (const services of this.leaving.values()) {
      if (services.has(path)) {
        this.waiting.set(action, path)
        return
      }
    }
    this.waiting.delete(action)
    action()
  }

  /** Emits an event of this node. A listener that throws is a fault of the program, as with any emitter. */
  emit (path: string, message: EventMessage): void {
    this.deliver(path, message, throwLater)
  }

  /** Each listener hears the event, whatever the others do. */
  private deliver (path: string, message: EventMessage, onThrown: (error: unknown) => void): void {
    const { event, args, context } = message
    const emitter = this.emitters.get(path)
    if (emitter === undefined || emitter.listenerCount(event) === 0) return
    // Listeners read them, and a peer may send anything.
    const params = isRecord(context?.params) ? context.params : {}
    const heard = [...args, { type: null, method: null, ...context, params, path, event }]
    for (const listener of emitter.rawListeners(event)) {
      try {
        const returned: unknown = Reflect.apply(listener, emitter, heard)
        // That of an async listener rejects in the place of throwing.
        if (returned instanceof Promise && onThrown !== throwLater) returned.catch(onThrown)
      } catch (error) {
        onThrown(error)
      }
    }
  }

  private report (path: string, event: string, error: unknown): void {
    const what = `a listener of '${printablePart(event)}' of '${printablePart(path)}'`
    const text = `${what} threw ${reasonOf(error)} over an event of another node, whose payload may be ` +
      'anything; remotes of a class check the payloads for which it names a class'
    this.log.tell('FEATHERS_MESH_LISTENER', text, { path, event }, this.limit)
  }

  private receiveFromLeaving (message: EventMessage, sources: readonly RemoteServiceEntry[]): void {
    const paths = new Set<string>()
    for (const services of this.leaving.values()) {
      for (const { path, key } of services.at(message.path)) if (key === message.key) paths.add(path)
    }
    for (const { path, key } of sources) if (key === message.key) paths.delete(path)
    for (const path of paths) this.deliverFromPeer(path, message)
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

/** Must not break the connection, nor keep other listeners from hearing. */
function throwLater (error: unknown): void {
  queueMicrotask(() => { throw error })
}

/** Characters of a reason in a warning. */
const MAX_REASON = 100

/** What was thrown, and where: the program has to find it. */
function reasonOf (error: unknown): string {
  const { stack } = fieldsOf(error)
  const [, place] = (typeof stack === 'string' ? /\n\s+at (.*)/.exec(stack) : undefined) ?? []
  return `${printable(messageOf(error), MAX_REASON)}${place === undefined ? '' : ` (at ${printable(place, MAX_REASON)})`}`
}
