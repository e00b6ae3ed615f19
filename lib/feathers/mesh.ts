import { randomUUID } from 'node:crypto'
import type { Application } from '@feathersjs/feathers'
import type { Contract } from '../contract/contract'
import { describe, type ServiceDescriptor } from '../contract/descriptor'
import { nodeTitle } from '../printable'
import { Registry } from '../registry/registry'
import { Expectations } from '../remote/expected-contracts'
import { OldPublishers } from '../remote/old-publishers'
import { Remotes } from '../remote/remotes'
import { Rejections, toLog } from '../transport/rejections'
import type { IncomingCall, Transport, TransportHost, UnreachablePeer } from '../transport/transport'
import { Announcements } from './announcements'
import { followApp, followUnuse, type AroundApp } from './app/follow-app'
import { followParent } from './app/follow-parent'
import { Arrivals } from './arrivals'
import { Membership } from './membership'
import type { MeshOptions } from './mesh-settings'
import { NodeProbes } from './health/node-probes'
import { NodeInspection } from './node-inspection'
import { EventAudience } from './offering/event-audience'
import { HostedServices } from './offering/hosted-services'
import { Publication } from './offering/publication'
import { UnofferedServices } from './offering/unoffered-services'
import { OwnEvents } from './own-events'
import { EarlyCalls } from './serving/early-calls'
import { LocalServices } from './serving/local-services'
import { RequestServer } from './serving/request-server'
import { defineAppProperties } from './showing/app-properties'
import { guardChannels } from './showing/channel-guard'
import { guardServices } from './showing/client-guard'
import { Gateway } from './showing/gateway'
import { isHealthcheck, useHealthcheck } from './showing/healthcheck'

/** Under which an app and a transport refer to their mesh, also to one of another copy of this package. */
const MESH = Symbol.for('feathers-mesh')

/** One node: a Feathers app on the mesh. It owns the transport, with its sockets, and starts and stops with the app. */
export class Mesh {
  readonly id = randomUUID()
  readonly name: string
  readonly key: string
  /** How long leaving waits for calls under way, in ms. */
  drainTimeout: number
  readonly registry: Registry
  readonly remotes: Remotes
  readonly rejections: Rejections
  private readonly audience: EventAudience
  private readonly events: OwnEvents
  private readonly oldPublishers: OldPublishers
  /** Calls services of this node. */
  readonly services: LocalServices
  private readonly publication: Publication
  private readonly membership: Membership
  private readonly unoffered: UnofferedServices
  /** Calls of other nodes that arrive before the services are set up. */
  private readonly early = new EarlyCalls()
  private serve: (call: IncomingCall) => void = () => {}
  private readonly announcements: Announcements
  /** What it measures, and who learns of it. */
  readonly inspection: NodeInspection
  /** What tells whether the node lives and is ready, and what it measured. */
  readonly probes: NodeProbes

  constructor (readonly app: Application, private readonly options: MeshOptions) {
    const { key, transport, placement, policy, routing, health, classes, headers, log } = options
    this.rejections = new Rejections(toLog(log))
    this.name = options.name
    this.drainTimeout = options.drainTimeout
    this.key = key
    this.services = new LocalServices(app)
    const expectations = new Expectations(classes.strictContracts)
    this.registry = new Registry({
      placement,
      eligibility: expectations.eligibility,
      keys: options.remoteKeys,
      named: options.remotes,
      log,
      onFault: (fault, what) => this.rejections.count(fault, 'all nodes', what)
    })
    this.audience = new EventAudience(this.registry, this.rejections.count, log)
    this.oldPublishers = new OldPublishers(this.registry, log)
    this.inspection = new NodeInspection(this, options)
    this.remotes = new Remotes({
      registry: this.registry,
      measures: this.inspection.measures,
      expectations,
      log,
      transport,
      policy,
      routing,
      health,
      classes,
      headers,
      named: options.remotes,
      nodeId: this.id,
      runLocally: (path, method, args) => this.services.call(path, method, [...args])
    })
    this.publication = new Publication(options.publicationDelay, async () => await this.offersOpened())
    this.membership = new Membership(options, {
      publication: this.publication,
      connect: async () => await this.connect(),
      disconnect: async () => await this.disconnect(),
      goodbye: async () => await transport.goodbye?.(),
      open: () => this.remotes.open(),
      close: reason => this.remotes.close(reason)
    })
    this.events = new OwnEvents({
      transport,
      stores: this.services.stores, onRejected: this.rejections.count, audience: this.audience, log,
      measures: this.inspection.measures,
      listeners: this.remotes.events,
      isPublished: () => options.publishEvents && this.membership.isOn
    })
    const { membership, registry, inspection } = this
    this.announcements = new Announcements(transport, () => this.publication.isOpen && membership.isReachable)
    const probes = { ...options.probes, isDetailed: options.healthcheck === 'detailed' }
    const metricsOf = inspection.metricsOf.bind(inspection)
    this.probes = new NodeProbes(probes, { app, membership, registry, remotes: options.remotes, metricsOf })
    this.unoffered = new UnofferedServices(app, { registry: this.registry, names: options.listedServices, log })
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

  /**
   * Tells other nodes that this one leaves soon. They send it no new calls; it still calls them and hears their events.
   *
   * @param drainTimeout - how long leaving then waits for calls under way, in ms
   */
  async goodbye (drainTimeout = this.drainTimeout): Promise<void> {
    this.drainTimeout = drainTimeout
    await this.membership.goodbye()
  }

  /** Leaves the mesh without losing a call. */
  async stop (): Promise<void> {
    this.unoffered.stop()
    await this.membership.leave()
  }

  /** From the app to the mesh: offers the services of the app, and publishes their events. */
  private offerServices (): HostedServices {
    const { app, id, key, registry, options: { limits, healthcheckPath, isOffered, sharedOptions, log } } = this
    const describeOwn = (contract: Contract): ServiceDescriptor => describe({ id, key }, contract)
    return new HostedServices(app, {
      registry,
      log,
      key,
      limits,
      isOffered: contract => !isHealthcheck(contract.path, healthcheckPath) && isOffered(describeOwn(contract)),
      sharedOptions: contract => sharedOptions(describeOwn(contract)),
      onChange: () => this.announcements.plan(),
      events: this.events
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
    const gateway = new Gateway(app, { registry, remotes, log: options.log, isNewApp: options.isNewApp, ...shown })
    const needed = options.neededRemotes
    guardServices(app, remotes.failures)
    guardChannels(app, remotes.failures)
    this.probes.attach()
    const isDetailed = options.healthcheck === 'detailed'
    useHealthcheck(app, { path: healthcheckPath, key, registry, remotes, needed, isDetailed, mounted })
    defineAppProperties(app, {
      id,
      key,
      distributionOptions: options.given,
      registry,
      remotes,
      publish: publishEvents ? message => this.events.send(message) : undefined,
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
    const { transport, log } = options
    const { remotes: { scopes }, rejections: { count: onRejected }, inspection: { measures, questions } } = this
    const server = new RequestServer({ ...options, services, registry, scopes, onRejected, measures })
    this.serve = call => server.serve(call)
    const { remotes: { events }, inspection, probes: { awaited } } = this
    const arrivals = new Arrivals({ registry, events, inspection, awaited, log })
    early.open()
    const host: TransportHost = {
      id,
      name: this.name,
      key,
      log,
      errorClasses: this.options.errorClasses,
      silenceTimeout: options.silenceTimeout,
      contracts: () => publication.isOpen ? registry.contracts : [],
      serve: call => publication.isHeld ? early.take(call) : server.serve(call),
      receive: message => arrivals.receive(message),
      admit: (peerId, contracts) => registry.admit(peerId, contracts),
      joined: peer => arrivals.joined(peer),
      needs: peer => this.remotes.needs(peer),
      left: (peerId, reason) => arrivals.left(peerId, reason),
      ended: peerId => this.remotes.events.ended(peerId),
      audience: (path, event) => this.audience.of(path, event),
      subscribed: (peer, path) => this.audience.onSubscribed(peer, path),
      memberLost: groups => this.remotes.events.memberLost(groups),
      groupsUnknown: (peerId, path) => this.oldPublishers.warn(peerId, path),
      onRejected,
      ...questions
    }
    measures.start()
    await this.probes.during(async () => await transport.start(host))
    log.tell('FEATHERS_MESH_JOINED', `feathers-mesh: this node, ${nodeTitle(this)}, has joined the mesh`, { key })
    this.announcements.repeat(options.heartbeatInterval)
  }

  private async disconnect (): Promise<void> {
    const { transport, log } = this.options
    this.announcements.stop()
    this.inspection.measures.stop()
    this.early.close()
    try {
      // Listeners of groups take their time, in which no new call is to come.
      await transport.goodbye?.()
      await transport.stop(await this.remotes.events.leaveGroups(this.drainTimeout))
      for (const { id } of this.registry.nodes) this.registry.leave(id)
    } finally {
      await this.probes.close()
    }
    log.tell('FEATHERS_MESH_LEFT', `feathers-mesh: this node, ${nodeTitle(this)}, has left the mesh`)
  }

  /** Serves the calls that waited, and announces the services: they are offered from now on. */
  private async offersOpened (): Promise<void> {
    this.early.release(this.serve)
    if (this.membership.isReachable) await this.options.transport.announce()
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
