import { SERVICE, type Application } from '@feathersjs/feathers'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { defineClass, type ClassDefinition } from '../class-contract/from-class'
import { makeInjectable } from '../decorators/distributed'
import { REMOTE_SOURCE, type RemoteSource } from '../decorators/remote-injection'
import type { Class } from '../decorators/metadata'
import { ConfigurationError } from '../errors'
import { findService } from '../feathers/app/feathers-app'
import { isOnStoppedNode } from './hosted-instance'
import { injectionAdvice, isOfTsyringe, missingInjections } from './injection-faults'
import { TracedContainer } from './traced-container'

/** A class of `services`, what it declares, and the instance that the container built. */
export interface BuiltService {
  readonly target: Class
  readonly definition: ClassDefinition
  readonly instance: object
}

/** All services of a node, or what is wrong with them. */
export interface BuiltServices {
  readonly built: readonly BuiltService[]
  readonly faults: readonly string[]
  /** What they were built in. */
  readonly container: DependencyContainer
}

/** Reads the decorators of all classes; the faults of all of them are gathered. */
export function defineServices (
  targets: readonly Class[], app: Application | undefined
): { definitions: Map<Class, ClassDefinition>, faults: string[] } {
  const definitions = new Map(targets.map(target => [target, defineClass(target)]))
  const faults = [...definitions.values()].flatMap(definition => definition.faults)
  const byPath = new Map<string, Class>()
  for (const [target, { contract: { path } }] of definitions) {
    const other = byPath.get(path)
    if (path !== '' && other !== undefined) faults.push(`${other.name} and ${target.name} are both on the path '${path}'; give one of them another`)
    byPath.set(path, target)
    if (app !== undefined && findService(app, path) !== undefined) {
      faults.push(`${target.name} is on the path '${path}', where the app has a service already; give one of them another`)
    }
  }
  return { definitions, faults }
}

/**
 * Builds the services with their dependencies; what can't be built is a fault.
 *
 * @param outer - has what they need; nothing is registered in it
 * @throws what a constructor or a factory of the program throws
 */
export function buildServices (
  outer: DependencyContainer, definitions: ReadonlyMap<Class, ClassDefinition>, remotes: RemoteSource
): BuiltServices {
  const traced = new TracedContainer(outer)
  const { container } = traced
  container.register(REMOTE_SOURCE, { useValue: remotes })
  const built: BuiltService[] = []
  const faults: string[] = []
  for (const [target, definition] of definitions) {
    const built1 = buildService(traced, target, definition)
    if (Array.isArray(built1)) faults.push(...built1)
    else built.push({ target, definition, instance: built1 })
  }
  return { built, faults, container }
}

/** The instance, or the faults. */
function buildService (traced: TracedContainer, target: Class, definition: ClassDefinition): object | string[] {
  const { container } = traced
  // An abstract class can't be resolved; tsyringe says so.
  const token = target as InjectionToken<object>
  // A subclass may have no decorator of its own.
  makeInjectable(target)
  const missing = container.isRegistered(token, true) ? [] : missingInjections(target)
  if (missing.length > 0) return missing
  let instance: unknown
  try {
    instance = traced.resolve(token)
  } catch (error) {
    return [failureFault(traced, target, definition, error)]
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
  traced: TracedContainer, target: Class, { eventMembers }: ClassDefinition, error: unknown
): string {
  const failure = traced.failureOf(target, error)
  if (!isOfTsyringe(failure)) throw ofProgram(target, eventMembers, failure.error)
  const advice = injectionAdvice(failure)
  // tsyringe only makes errors.
  const { message } = error as Error
  return `${target.name} can't be built by tsyringe: ${message}${advice === undefined ? '' : `; ${advice}`}`
}

/** The error of the program itself, but where it comes from what a constructor can't have yet. */
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
