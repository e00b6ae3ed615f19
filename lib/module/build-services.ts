import { SERVICE, type Application } from '@feathersjs/feathers'
import type { DependencyContainer } from 'tsyringe'
import type { ValidatorOptions } from 'class-validator'
import { defineClass, type ClassDefinition } from '../class-contract/from-class'
import { defineListeners, hasListeners, type DefinedListener } from '../class-contract/from-listener'
import { makeInjectable } from '../decorators/distributed'
import { REMOTE_SOURCE, type RemoteSource } from '../decorators/remote-injection'
import type { Class } from '../decorators/metadata'
import { ConfigurationError } from '../errors'
import { findService } from '../feathers/app/feathers-app'
import { messageOf } from '../printable'
import { tokenOf } from './container-place'
import { isOnStoppedNode } from './hosted-instance'
import { injectionAdvice, isOfTsyringe, missingInjections } from './injection-faults'
import type { BuiltListener } from './listen-class'
import { TracedContainer } from './traced-container'

/** A class of `services`, what it declares, and the instance that the container built. */
export interface BuiltService {
  readonly target: Class
  readonly definition: ClassDefinition
  readonly instance: object
}

/** A class that listens to events, and what it listens to. */
export interface ListeningClass {
  readonly target: Class
  readonly listeners: readonly DefinedListener[]
}

/** The services of a node, and the faults of those that could not be built. */
export interface BuiltServices {
  readonly built: readonly BuiltService[]
  readonly listening: readonly BuiltListener[]
  readonly faults: readonly string[]
  /** The container that built them. */
  readonly container: DependencyContainer
}

/** Reads the decorators of all classes, and collects the faults of all of them. */
export function defineServices (
  targets: readonly Class[], app: Application | undefined
): { definitions: Map<Class, ClassDefinition>, faults: string[] } {
  const definitions = new Map(targets.map(target => [target, defineClass(target)]))
  const faults = [...definitions.values()].flatMap(definition => definition.faults)
  const byPath = new Map<string, Class>()
  for (const [target, { contract: { path } }] of definitions) {
    const other = byPath.get(path)
    if (path !== '' && other !== undefined) {
      faults.push(`${other.name} and ${target.name} are both on the path '${path}'; give one of them another`)
    }
    byPath.set(path, target)
    if (app !== undefined && findService(app, path) !== undefined) {
      faults.push(`${target.name} is on the path '${path}', where the app has a service already; give one of them another`)
    }
  }
  return { definitions, faults }
}

/** Reads the decorators of all classes that listen to events, those of services included. */
export function defineListening (
  services: Iterable<Class>, targets: readonly Class[] = [], validation: ValidatorOptions | undefined
): { listening: ListeningClass[], faults: string[] } {
  const all = new Set([...targets, ...[...services].filter(hasListeners)])
  const defined = [...all].map(target => ({ target, ...defineListeners(target, validation) }))
  return { listening: defined, faults: defined.flatMap(({ faults }) => faults) }
}

/**
 * Builds the services with their dependencies. A service that tsyringe can't build is a fault.
 *
 * @param parent - holds the dependencies; nothing is registered in it
 * @param listening - classes that listen to events; those that are no services are built as well
 * @throws what a constructor or a factory of the program throws
 */
export function buildServices (
  parent: DependencyContainer, definitions: ReadonlyMap<Class, ClassDefinition>, listening: readonly ListeningClass[],
  remotes: RemoteSource
): BuiltServices {
  const traced = new TracedContainer(parent)
  const { container } = traced
  container.register(REMOTE_SOURCE, { useValue: remotes })
  const built: BuiltService[] = []
  const faults: string[] = []
  for (const [target, definition] of definitions) {
    // A subclass may have no decorator of its own.
    makeInjectable(target)
    const result = buildClass(traced, target, definition.eventMembers)
    if (Array.isArray(result)) faults.push(...result)
    else built.push({ target, definition, instance: result })
  }
  const listeners: BuiltListener[] = []
  for (const { target, listeners: own } of listening) {
    const service = built.find(each => each.target === target)
    const result = service?.instance ?? buildListener(traced, target)
    if (Array.isArray(result)) faults.push(...result)
    else listeners.push({ target, instance: result, listeners: own })
  }
  return { built, listening: listeners, faults, container }
}

/** Builds a class that listens to events. Returns the instance, or the faults. */
function buildListener (traced: TracedContainer, target: Class): object | string[] {
  const result = buildClass(traced, target, [])
  if (!Array.isArray(result)) return result
  return result.map((fault: string) => fault.includes('@injectable')
    ? fault
    : `${fault}; ${target.name} has to be @injectable() as well`)
}

/** Builds one class. Returns the instance, or the faults. */
function buildClass (traced: TracedContainer, target: Class, eventMembers: readonly string[]): object | string[] {
  const { container } = traced
  const token = tokenOf(target)
  const missing = container.isRegistered(token, true) ? [] : missingInjections(target)
  if (missing.length > 0) return missing
  let instance: unknown
  try {
    instance = traced.resolve(token)
  } catch (error) {
    return [failureFault(traced, target, eventMembers, error)]
  }
  if (typeof instance !== 'object' || instance === null) {
    return [`${target.name} is registered in the container as something that is no object; register an instance, or the class`]
  }
  if (SERVICE in instance && !isOnStoppedNode(instance)) {
    return [`${target.name} is one object for two apps; register it so that each container has its own, or stop the other node`]
  }
  container.registerInstance(token, instance)
  return instance
}

function failureFault (
  traced: TracedContainer, target: Class, eventMembers: readonly string[], error: unknown
): string {
  const failure = traced.failureOf(target, error)
  if (!isOfTsyringe(failure)) throw ofProgram(target, eventMembers, failure.error)
  const advice = injectionAdvice(failure)
  return `${target.name} can't be built by tsyringe: ${messageOf(error)}${advice === undefined ? '' : `; ${advice}`}`
}

/** The error that the program threw. A constructor that emits an event, which it does not have yet, gets advice. */
function ofProgram (target: Class, events: readonly string[], error: unknown): unknown {
  const isEarly = events.length > 0 && error instanceof TypeError && /\bundefined\b.*\bemit\b/s.test(error.message)
  if (!isEarly) return error
  const early = new ConfigurationError([
    `${target.name}: its constructor emits an event (${events.join(', ')}), and a service has its events when it is on ` +
    'its app: emit it in setup(), or in a method'
  ])
  early.cause = error
  return early
}
