import type { DependencyContainer, Disposable, InjectionToken } from 'tsyringe'
import { injection } from '../decorators/injection'
import { REMOTE_SOURCE, type RemoteSource } from '../decorators/remote-injection'
import type { Class } from '../decorators/metadata'
import { messageOf } from '../printable'
import { twoCopies } from '../validation/packages/package-copies'

/** A node as a container provides it. */
export interface ContainedNode extends RemoteSource {
  /** What the token of the node resolves to. */
  readonly module: object
  /** The services that it hosts, by their classes. */
  readonly instances: ReadonlyMap<Class, object>
  /** Whether another node may take its place. */
  readonly hasStopped: () => boolean
  /** The container that built its services. */
  readonly builder: DependencyContainer
}

/** Marks a place, also one of another copy of this package. A test may register a remote source without it. */
const PLACE = Symbol.for('feathers-mesh:place')

/**
 * The containers that built the services of a container's nodes. The container resolves one such object, and disposes
 * of it with itself. All places share the class, because tsyringe never forgets a class.
 */
class Builders implements Disposable {
  private readonly builders = new Set<DependencyContainer>()

  /** Adds the builder of the next node, and drops earlier ones that need no disposal. */
  add (builder: DependencyContainer): void {
    for (const each of this.builders) if (!hasDisposables(each)) this.builders.delete(each)
    this.builders.add(builder)
  }

  async dispose (): Promise<void> {
    await Promise.all([...this.builders].map(async each => { await each.dispose() }))
  }
}

/** Whether a container has something to dispose of, which tsyringe keeps private; true where that can't be read. */
function hasDisposables (container: object): boolean {
  return !('disposables' in container && container.disposables instanceof Set) || container.disposables.size > 0
}

/** The place of a node in a container. Registrations are made once and point here, so that its node can change. */
class ContainerPlace implements RemoteSource {
  readonly [PLACE] = true
  readonly builders: Builders
  private readonly registered = new Set<unknown>()

  constructor (private readonly container: DependencyContainer, public node: ContainedNode) {
    this.builders = container.resolve(Builders)
  }

  /** The remote of a service, from the node that has the place now. */
  remote (path: string): object {
    return this.node.remote(path)
  }

  /** Registers a factory for a token. A factory survives `clearInstances()`, which removes registered values. */
  provide<T> (token: InjectionToken<T>, useFactory: () => T): void {
    if (this.registered.has(token)) return
    this.registered.add(token)
    this.container.register(token, { useFactory })
  }
}

/** Why a container can't take a node; empty where it can. */
export function placeFaults (container: DependencyContainer): string[] {
  try {
    container.resolve(probe ??= makeProbe())
  } catch (error) {
    const message = messageOf(error)
    if (!message.includes('TypeInfo not known')) return [`option 'container' can't be used: ${message}`]
    return [`option 'container' is of a copy of tsyringe that feathers-mesh does not see; ${twoCopies('tsyringe', '4')}`]
  }
  const node = placeOf(container)?.node
  if (node === undefined || node.hasStopped()) return []
  return ["option 'container' has a node already, which has not stopped: stop that one first (await mesh.stop(), or " +
    'the teardown of its app), or give each node a container of its own, container.createChildContainer()']
}

/** Puts a node into its container, in place of one that has stopped. */
export function takePlace (container: DependencyContainer, token: InjectionToken<object>, node: ContainedNode): void {
  let place = placeOf(container)
  if (place === undefined) {
    const made = place = new ContainerPlace(container, node)
    place.provide(REMOTE_SOURCE, () => made)
  }
  const taken = place
  taken.node = node
  // A place of another copy of this package may have no builders.
  const builders = taken instanceof ContainerPlace ? taken.builders : container.resolve(Builders)
  builders.add(node.builder)
  taken.provide(token, () => taken.node.module)
  for (const [target, instance] of node.instances) {
    taken.provide(tokenOf(target), () => taken.node.instances.get(target) ?? instance)
  }
}

/** Whether a node still has its container, and no later node has taken it. */
export function hasPlace (container: DependencyContainer, module: object): boolean {
  return placeOf(container)?.node.module === module
}

function placeOf (container: DependencyContainer): ContainerPlace | undefined {
  const source = container.isRegistered(REMOTE_SOURCE) ? container.resolve(REMOTE_SOURCE) : undefined
  return source !== undefined && isPlace(source) ? source : undefined
}

function isPlace (source: object): source is ContainerPlace {
  return PLACE in source
}

/** A class as a token of tsyringe, which takes any class; its type excludes abstract ones and private constructors. */
export function tokenOf (target: Class): InjectionToken<object> {
  return target as InjectionToken<object>
}

/** Made once, because tsyringe never forgets a class. */
let probe: InjectionToken<object> | undefined

/** Makes a class that only containers of this package's own copy of tsyringe can build. */
function makeProbe (): InjectionToken<object> {
  const { inject, injectable } = injection()
  class Known {}
  class Probe {
    constructor (readonly known: Known) {}
  }
  inject(Known)(Probe, undefined, 0)
  injectable<object>()(Probe)
  return Probe
}
