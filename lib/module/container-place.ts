import type { DependencyContainer, Disposable, InjectionToken } from 'tsyringe'
import { twoCopies } from '../validation/package-copies'
import { injection } from '../decorators/injection'
import { REMOTE_SOURCE, type RemoteSource } from '../decorators/remote-injection'
import type { Class } from '../decorators/metadata'

/** A node as its container knows it. */
export interface ContainedNode extends RemoteSource {
  readonly module: object
  /** The services that it hosts, by their classes. */
  readonly instances: ReadonlyMap<Class, object>
  readonly hasStopped: () => boolean
  /** What its services were built in. */
  readonly builder: DependencyContainer
}

/** What tells a place, of whatever copy of this package, from what a test registered. */
const PLACE = Symbol.for('feathers-mesh:place')

/** Where a container keeps its node. What is registered once points here, so that one node can follow another. */
class ContainerPlace implements RemoteSource {
  readonly [PLACE] = true
  private readonly registered = new Set<unknown>()

  constructor (private readonly container: DependencyContainer, public node: ContainedNode) {}

  remote (path: string): object {
    return this.node.remote(path)
  }

  /** Gives what a function says under a token; a factory stays where `clearInstances()` takes values away. */
  provide<T> (token: InjectionToken<T>, useFactory: () => T): void {
    if (this.registered.has(token)) return
    this.registered.add(token)
    this.container.register(token, { useFactory })
  }
}

/**
 * What the services hold is disposed of with the container that they were built for. One class for all nodes, as the
 * container above keeps each class that it was asked for.
 */
class Built implements Disposable {
  builder: DependencyContainer | undefined

  dispose (): Promise<void> | void { return this.builder?.dispose() }
}

/** What is in the way of a node in a container; empty where nothing is. */
export function placeFaults (container: DependencyContainer): string[] {
  try {
    container.resolve(probe ??= makeProbe())
  } catch (error) {
    const { message } = error as Error
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
  place.node = node
  container.resolve(Built).builder = node.builder
  const taken = place
  place.provide(token, () => taken.node.module)
  for (const [target, instance] of node.instances) {
    place.provide(target as InjectionToken<object>, () => taken.node.instances.get(target) ?? instance)
  }
}

/** Whether a container is still a node's own. */
export function hasPlace (container: DependencyContainer, module: object): boolean {
  return placeOf(container)?.node.module === module
}

function placeOf (container: DependencyContainer): ContainerPlace | undefined {
  const source = container.isRegistered(REMOTE_SOURCE) ? container.resolve(REMOTE_SOURCE) : undefined
  return source !== undefined && PLACE in source ? source as ContainerPlace : undefined
}

/** Made once, for the same reason. */
let probe: InjectionToken<object> | undefined

/** A class that a container of our copy of tsyringe can build, and no other one. */
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
