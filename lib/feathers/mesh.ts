import { randomUUID } from 'node:crypto'
import type { Application } from '@feathersjs/feathers'
import type { Contract } from '../contract/contract'
import { describe, type ServiceDescriptor } from '../contract/descriptor'
import { LineLimit } from '../line-limit'
import { warn } from '../log'
import { messageOf } from '../printable'
import { Registry } from '../registry/registry'
import { Expectations } from '../remote/expected-contracts'
import { OldPublishers } from '../remote/old-publishers'
import { Remotes } from '../remote/remotes'
import { chooseMembers } from '../transport/event-groups'
import { Rejections } from '../transport/rejections'
import type { EventMessage, IncomingCall, Transport, UnreachablePeer } from '../transport/transport'
import { followApp, followUnuse, type AroundApp } from './app/follow-app'
import { followParent } from './app/follow-parent'
import { Membership } from './membership'
import type { MeshOptions } from './mesh-settings'
import { EventAudience } from './offering/event-audience'
import { HostedServices } from './offering/hosted-services'
import { Publication } from './offering/publication'
import { UnofferedServices } from './offering/unoffered-services'
import { EarlyCalls } from './serving/early-calls'
import { LocalServices } from './serving/local-services'
import { RequestServer } from './serving/request-server'
import { defineAppProperties } from './showing/app-properties'
import { guardServices } from './showing/client-guard'
import { Gateway } from './showing/gateway'
import { isHealthcheck, useHealthcheck } from './showing/healthcheck'

/** Under which an app and a transport refer to their mesh, also to one of another copy of this package. */
const MESH = Symbol.for('feathers-mesh')

const NO_GROUPS: readonly string[] = []

/** One node: a Feathers app on the mesh. It owns the transport, with its sockets, and starts and stops with the app. */
export class Mesh {
  readonly id = randomUUID()
  readonly name: string
  readonly key: string
  readonly registry: Registry
  readonly remotes: Remotes
  readonly rejections = new Rejections()
  private readonly audience: EventAudience
  private readonly oldPublishers: OldPublishers
  private readonly services: LocalServices
  private readonly publication: Publication
  private readonly membership: Membership
  private readonly unoffered: UnofferedServices
  /** Calls of other nodes that arrive before the services are set up. */
  private readonly early = new EarlyCalls()
  private serve: (call: IncomingCall) => void = () => {}
  /** Warnings that any call may cause. */
  private readonly warnings = new LineLimit()
  private announcing = false
  private heartbeat: NodeJS.Timeout | undefined

  constructor (readonly app: Application, private readonly options: MeshOptions) {
    const { key, transport, placement, policy, routing, health, classes, headers } = options
    this.name = options.name
    this.key = key
    this.services = new LocalServices(app)
    const expectations = new Expectations(classes.strictContracts)
    this.registry = new Registry({
      placement,
      eligibility: expectations.eligibility,
      keys: options.remoteKeys,
      named: options.remotes,
      onFault: (fault, what) => this.rejections.count(fault, 'all nodes', what)
    })
    this.audience = new EventAudience(this.registry, this.rejections.count)
    this.oldPublishers = new OldPublishers(this.registry)
    this.remotes = new Remotes({
      registry: this.registry,
      expectations,
      transport,
      policy,
      routing,
      health,
      classes,
      headers,
      nodeId: this.id,
      runLocally: (path, method, args) => this.services.call(path, method, [...args])
    })
    this.publication = new Publication(options.publicationDelay, () => this.offersOpened())
    this.membership = new Membership(options, {
      publication: this.publication,
      connect: async () => await this.connect(),
      disconnect: async () => await this.disconnect(),
      open: () => this.remotes.open(),
      close: reason => this.remotes.close(reason)
    })
    this.unoffered = new UnofferedServices(app, this.registry, options.listedServices)
  }

  /** Whether the node is on the mesh, or is about to join. */
  get isWanted (): boolean {
    return this.membership.isWanted
  }

  /** Connects the mesh and the app: from now on each follows the other. */
  attach (): void {
    const hosted = this.offerServices()
    const gateway = this.showMesh()
    followUnuse(this.app, path => {
      hosted.withdraw(path)
      return gateway.onUnuse(path)
    })
    followApp(this.app, this.aroundApp())
  }

  /**
   * Joins the mesh, and waits for the services that the options name.
   *
   * @throws Unavailable when one of them can't be called in time; the node stays on the mesh nevertheless
   */
  async start (): Promise<void> {
    await this.membership.join()
    this.unoffered.warn()
    if (this.options.startsWithApp) await this.whenReady()
  }

  /** Joins now or later, waits for nothing, and does not join when the node is stopped before. */
  startAfter (delay: number): void {
    this.membership.joinAfter(delay)
    this.unoffered.warnLater(delay)
  }

  /** Waits for the services that the options name. */
  async whenReady (): Promise<void> {
    await Promise.all(this.options.remotes.map(async path => await this.remotes.whenCallable(path)))
  }

  /** Leaves the mesh without losing a call. */
  async stop (): Promise<void> {
    this.unoffered.stop()
    await this.membership.leave()
  }

  /** From the app to the mesh: offers the services of the app, and publishes their events. */
  private offerServices (): HostedServices {
    const { app, id, key, registry, options: { limits, healthcheckPath, isOffered, sharedOptions } } = this
    const describeOwn = (contract: Contract): ServiceDescriptor => describe({ id, key }, contract)
    return new HostedServices(app, {
      registry,
      key,
      limits,
      isOffered: contract => !isHealthcheck(contract.path, healthcheckPath) && isOffered(describeOwn(contract)),
      sharedOptions: contract => sharedOptions(describeOwn(contract)),
      onChange: () => this.announce(),
      onEvent: message => this.publish(message)
    })
  }

  /** From the mesh to the app: the services of other nodes, the health route, and properties of the app. */
  private showMesh (): Gateway {
    const { app, id, key, registry, remotes, options } = this
    const { hooks, middlewares, limits, transport, healthcheckPath, publishEvents } = options
    const declared = new Set(options.remotes)
    const mounted = followParent(app, this.aroundApp())
    const { events } = limits
    const shown = { declared, keys: options.remoteKeys, isNamed: options.isNamed, events, hooks, middlewares }
    const gateway = new Gateway(app, { registry, remotes, ...shown })
    const needed = options.neededRemotes
    guardServices(app, remotes.failures)
    const isDetailed = options.healthcheck === 'detailed'
    useHealthcheck(app, { path: healthcheckPath, key, registry, remotes, needed, isDetailed, mounted })
    defineAppProperties(app, {
      id,
      key,
      distributionOptions: options.given,
      registry,
      remotes,
      publish: publishEvents ? message => this.send(message) : undefined,
      isRunning: () => this.membership.isOn
    })
    for (const owner of [app, transport]) Reflect.defineProperty(owner, MESH, { value: this })
    return gateway
  }

  private aroundApp (): AroundApp {
    const { membership } = this
    return {
      setUp: async next => {
        await membership.setUp(next)
        if (membership.isWanted) this.unoffered.warn()
      },
      tearDown: async next => await membership.tearDown(next)
    }
  }

  private async connect (): Promise<void> {
    const { id, key, services, registry, publication, early, options } = this
    const { transport, heartbeatInterval, maxInFlight, maxInFlightBytes } = options
    const { remotes: { scopes }, rejections: { count: onRejected } } = this
    const server = new RequestServer({ services, registry, scopes, maxInFlight, maxInFlightBytes, onRejected })
    this.serve = call => server.serve(call)
    early.open()
    await transport.start({
      id,
      name: this.name,
      key,
      errorClasses: this.options.errorClasses,
      silenceTimeout: options.silenceTimeout,
      contracts: () => publication.isOpen ? registry.contracts : [],
      serve: call => publication.isHeld ? early.take(call) : server.serve(call),
      receive: message => this.remotes.events.receive(message),
      admit: (peerId, contracts) => registry.admit(peerId, contracts),
      joined: peer => registry.join(peer),
      left: peerId => {
        this.remotes.events.leaves(peerId)
        registry.leave(peerId)
      },
      ended: peerId => this.remotes.events.ended(peerId),
      audience: (path, event) => this.audience.of(path, event),
      subscribed: (peer, path) => this.audience.onSubscribed(peer, path),
      memberLost: groups => this.remotes.events.memberLost(groups),
      groupsUnknown: (peerId, path) => this.oldPublishers.warn(peerId, path),
      onRejected
    })
    if (heartbeatInterval > 0) this.heartbeat = setInterval(() => transport.announce(), heartbeatInterval)
  }

  private async disconnect (): Promise<void> {
    clearInterval(this.heartbeat)
    this.early.close()
    const { transport, drainTimeout } = this.options
    await transport.stop(await this.remotes.events.leaveGroups(drainTimeout))
    for (const { id } of this.registry.nodes) this.registry.leave(id)
  }

  /** Serves the calls that waited, and announces the services: they are offered from now on. */
  private offersOpened (): void {
    this.early.release(this.serve)
    if (this.membership.isReachable) this.options.transport.announce()
  }

  /** Announces a change of the offers. Programs register several services at once, and peers get one announcement. */
  private announce (): void {
    if (this.announcing) return
    this.announcing = true
    queueMicrotask(() => {
      this.announcing = false
      if (this.publication.isOpen && this.membership.isReachable) this.options.transport.announce()
    })
  }

  private publish (message: EventMessage): void {
    const { events } = this.remotes
    const groups = events.groupsOf(message.path, message.event)
    events.emit(message.path, message)
    if (!this.options.publishEvents || !this.membership.isOn) {
      if (groups !== undefined) events.emitToGroups(message, groups)
      return
    }
    try {
      const own = this.send(message, groups)
      if (own.length > 0) events.emitToGroups(message, own)
    } catch (error) {
      // The call that caused the event has run, so its caller has to get the result.
      const { path, event } = message
      if (groups !== undefined) events.emitToGroups(message, groups)
      warn('events', `the event '${event}' of '${path}' can't be sent to other nodes: ${messageOf(error)}`, this.warnings)
    }
  }

  /**
   * Sends an event to other nodes.
   *
   * @param groups - those that this node is in
   * @returns those of them for which this node is chosen
   * @throws what encoding throws for an event that can't be sent
   */
  private send (message: EventMessage, groups?: readonly string[]): readonly string[] {
    const { audience, options: { transport } } = this
    const { path, event } = message
    const peers = transport.groups?.of(path, event)
    if (peers === undefined && groups === undefined) {
      transport.publish(message)
      return NO_GROUPS
    }
    const choice = chooseMembers(peers, groups, audience.of(path, event))
    transport.publish(message, choice)
    return choice.own
  }

  /** The nodes that were heard and are not on the mesh for this node, and why. */
  get unreachable (): readonly UnreachablePeer[] {
    return this.options.transport.unreachable?.() ?? []
  }
}

/** The mesh of an app or of a transport; undefined where it has none. */
export function meshOf (owner: Application | Transport): Mesh | undefined {
  return (owner as { [MESH]?: Mesh })[MESH]
}
