import { isReservedEvent } from '../contract/event-name'
import type { EventGroup } from '../transport/event-groups'
import type { RemoteServiceEntry } from '../registry/remote-service-entry'
import type { Registry } from '../registry/registry'
import { GAP, type EventGap, type EventMessage, type Transport } from '../transport/transport'
import type { CallTracer } from '../telemetry/call-tracer'
import { meshNow } from '../clock'
import { LineLimit } from '../line-limit'
import { BusyListeners } from './busy-listeners'
import { EventSources } from './event-sources'
import { GroupListeners } from './group-listeners'
import { LeavingNodes, LeavingServices } from './leaving-services'
import { heardOf, type Listener } from './listener'
import { PathListeners } from './path-listeners'
import type { NodeLog } from '../log'
import { messageOf, printable, printablePart } from '../printable'
import { fieldsOf } from '../record'

/** How many nodes that leave are remembered, the last ones: a transport may not tell when nothing more comes of one. */
const MAX_LEAVING = 1_000
/** How many services of all these nodes are remembered. */
const MAX_LEAVING_SERVICES = 100_000

/**
 * The events of services by their path on this node. The node subscribes to those of a remote service as long as it has
 * a listener.
 */
export class RemoteEvents {
  /** Those without a group. */
  private readonly listeners = new PathListeners()
  /** Since when each of them has listeners, as `performance.now()` gives it. */
  private readonly since = new Map<string, number>()
  private readonly sources = new EventSources()
  /** The remote services of nodes that left while events of them may still come, by the ids of the nodes. */
  private readonly leaving = new LeavingNodes(MAX_LEAVING, MAX_LEAVING_SERVICES)
  /** What to do when no event of a path can come late any more. */
  private readonly waiting = new Map<string, Set<() => void>>()

  private readonly limit = new LineLimit()
  private readonly groups = new GroupListeners()
  /** The paths of which the transport was told groups. */
  private readonly joined = new Set<string>()
  /** Listeners of groups that are at work. */
  private readonly busy = new BusyListeners()

  constructor (
    private readonly registry: Registry, private readonly transport: Transport, private readonly log: NodeLog,
    private readonly tracer?: CallTracer
  ) {
    registry.on('service', entry => {
      // Without listeners here there is nothing to subscribe to.
      if (this.since.has(entry.path)) this.follow(entry)
      else if (!this.groups.isEmpty && this.groups.mayHear(entry.path)) this.sources.add(entry)
    })
    registry.on('service-removed', entry => { if (this.sources.delete(entry)) this.update(entry) })
  }

  /**
   * Adds a listener. One of an event that no service can have hears nothing.
   *
   * @param group - each event of a group goes to one of its listeners, on whichever node
   * @throws {@link ConfigurationError} for more groups than a node may be in
   */
  on (path: string, event: string, listener: Listener, group?: string): void {
    if (isReservedEvent(event) && event !== GAP) return
    if (group === undefined) this.listeners.add(path, event, listener)
    else this.groups.add(path, event, group, listener)
    if (!this.since.has(path)) this.since.set(path, performance.now())
    const entry = this.registry.service(path)
    if (entry !== undefined) this.follow(entry)
  }

  /** Removes a listener. */
  off (path: string, event: string, listener: Listener): void {
    const forget = this.listeners.delete(path, event, listener)
      ? undefined
      : this.groups.delete(path, event, listener)?.forget
    if (!this.listeners.has(path) && !this.groups.has(path)) this.since.delete(path)
    const entry = this.registry.service(path)
    if (entry !== undefined) this.update(entry)
    if (forget === undefined) return
    const told = this.transport.groups?.settled() ?? Promise.resolve()
    // A publisher that said goodbye is told nothing any more, and goes on choosing this node.
    void told.then(() => this.whenEnded(path, forget))
  }

  /** The groups of an event that have listeners on this node; undefined where there are none. */
  groupsOf (path: string, event: string): readonly string[] | undefined {
    return this.groups.namesOf(path, event)
  }

  /** Emits an event of this node to the groups that it chose itself for. */
  emitToGroups (message: EventMessage, groups: readonly string[]): void {
    this.deliverToGroups(message.path, message, groups)
  }

  /** A member of groups of this node's events is gone, and perhaps events with it: the other members are told. */
  memberLost (lost: readonly EventGroup[]): void {
    const paths = new Set(lost.filter(({ path, event, group }) => this.groupsOf(path, event)?.includes(group))
      .map(({ path }) => path))
    for (const path of paths) this.deliverFromPeer(path, lossOf(path))
    this.transport.groups?.tellLoss(lost)
  }

  /**
   * Leaves all groups, and waits for their listeners that are at work. They hear what was sent until peers know it.
   *
   * @param limitMs - how long it may take
   * @returns how much of that is left
   */
  async leaveGroups (limitMs: number): Promise<number> {
    const { groups } = this.transport
    if (this.groups.isEmpty || groups === undefined) return limitMs
    const end = meshNow() + limitMs
    const left = (): number => Math.max(0, end - meshNow())
    await groups.leave(limitMs)
    await this.busy.whenIdle(left())
    return left()
  }

  /**
   * Emits an event that came over the mesh, on each path that its service has here. Nothing tells whether its payload
   * is what listeners expect, so one that throws is reported, and does not end the process.
   */
  receive (message: EventMessage): void {
    const sources = this.sources.at(message.path)
    for (const { path, key } of sources) if (key === message.key) this.deliverFromPeer(path, message)
    if (this.leaving.size > 0) this.receiveFromLeaving(message, sources)
  }

  /** A node is about to leave the registry. Its events are emitted until {@link ended}, also those that come late. */
  leaves (nodeId: string): void {
    const entries = this.registry.servicesOf(nodeId)
    if (entries.length === 0) return
    const size = this.leaving.has(nodeId) ? this.leaving.size : this.leaving.size + 1
    // Nobody tells the end of one that is forgotten.
    if (this.leaving.set(nodeId, new LeavingServices(entries)).size < size) this.endWaiting([...this.waiting.keys()])
  }

  /** Nothing more comes of a node that left. */
  ended (nodeId: string): void {
    const services = this.leaving.get(nodeId)
    if (services === undefined) return
    this.leaving.delete(nodeId)
    this.endWaiting(services.paths)
  }

  /** Runs the actions that wait for none of the nodes any more. */
  private endWaiting (paths: Iterable<string>): void {
    for (const path of paths) {
      const actions = this.leaving.hasPath(path) ? undefined : this.waiting.get(path)
      if (actions === undefined) continue
      this.waiting.delete(path)
      for (const action of actions) action()
    }
  }

  /** Runs an action, now or later, when no event of a path can come of nodes that left. */
  whenEnded (path: string, action: () => void): void {
    if (!this.leaving.hasPath(path)) return action()
    const actions = this.waiting.get(path) ?? new Set<() => void>()
    this.waiting.set(path, actions.add(action))
  }

  /** Emits an event of this node. A listener that throws is a fault of the program, as with any emitter. */
  emit (path: string, message: EventMessage): void {
    const listeners = this.listenersOf(path, message)
    if (listeners === undefined) return
    const heard = heardOf(path, message)
    for (const listener of listeners) {
      try {
        listener(...heard)
      } catch (error) {
        throwLater(error)
      }
    }
  }

  /** Each listener hears an event of another node, whatever the others do. */
  private deliverFromPeer (path: string, message: EventMessage): void {
    const listeners = this.listenersOf(path, message)
    if (listeners === undefined) return
    const heard = heardOf(path, message)
    for (const listener of listeners) {
      try {
        const returned: unknown = this.tracer === undefined
          ? listener(...heard)
          : this.tracer.heard(message, undefined, () => listener(...heard))
        // That of an async listener rejects in the place of throwing.
        if (returned instanceof Promise) returned.catch((error: unknown) => this.report(path, message.event, error))
      } catch (error) {
        this.report(path, message.event, error)
      }
    }
  }

  /** The listeners without a group that hear an event; undefined where there are none. Groups have heard it then. */
  private listenersOf (path: string, message: EventMessage): readonly Listener[] | undefined {
    const { event, groups } = message
    if (groups !== undefined) {
      this.deliverToGroups(path, message, groups)
      if (message.all !== true) return undefined
    }
    return this.listeners.of(path, event)
  }

  /** One listener of each group hears the event. What it throws or rejects is a warning, whoever published it. */
  private deliverToGroups (path: string, message: EventMessage, groups: readonly string[]): void {
    const { event } = message
    for (const group of groups) {
      const listener = this.groups.next(path, event, group)
      if (listener === undefined) continue
      const hear = (): unknown => listener(...heardOf(path, message))
      this.busy.run(this.tracer === undefined ? hear : () => this.tracer?.heard(message, group, hear), error => {
        const text = `a listener of '${printablePart(event)}' of '${printablePart(path)}' in the group ` +
          `'${printablePart(group)}' threw ${reasonOf(error)}; the event is given to no other one`
        this.log.tell('FEATHERS_MESH_LISTENER', text, { path, event }, this.limit)
      })
    }
  }

  /** Warns of what a listener of an event of another node threw, or of what its promise rejected with. */
  report (path: string, event: string, error: unknown): void {
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

  private follow (entry: RemoteServiceEntry): void {
    this.sources.add(entry)
    this.update(entry)
  }

  private update ({ remotePath }: RemoteServiceEntry): void {
    const sources = this.sources.at(remotePath)
    const since = this.sinceOf(sources.filter(({ path }) => this.wantsAll(path)))
    if (since !== undefined) this.transport.subscribe(remotePath, since)
    else this.transport.unsubscribe(remotePath)
    if (this.groups.isEmpty && !this.joined.has(remotePath)) return
    const groups = sources.flatMap(({ path, key }) => this.groups.groupsOf(path).map(each => ({ ...each, key })))
    const wasJoined = this.joined.has(remotePath)
    if (groups.length > 0) this.joined.add(remotePath)
    else this.joined.delete(remotePath)
    if (this.transport.groups !== undefined) {
      this.transport.groups.join(remotePath, groups, this.sinceOf(sources))
    } else if (groups.length > 0 && !wasJoined) {
      // A transport that has stopped may know them no more, but it did.
      const text = `listeners of '${printablePart(remotePath)}' have groups, which the transport of this node does not ` +
        'know: they hear no events of other nodes'
      this.log.tell('FEATHERS_MESH_GROUPS', text, { path: remotePath }, this.limit)
    }
  }

  /** Whether listeners want all events of a path. Who listens to gaps and has a group wants those of the group. */
  private wantsAll (path: string): boolean {
    const names = this.listeners.eventsOf(path)
    return names.some(name => name !== GAP) || (names.length > 0 && !this.groups.has(path))
  }

  private sinceOf (sources: readonly RemoteServiceEntry[]): number | undefined {
    const since = sources.map(({ path }) => this.since.get(path)).filter(each => each !== undefined)
    return since.length === 0 ? undefined : Math.min(...since)
  }
}

/** Events of this node may be lost with a member of a group. */
function lossOf (path: string): EventMessage {
  return { path, key: '', event: GAP, args: [{ reason: 'disconnected' } satisfies EventGap] }
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
