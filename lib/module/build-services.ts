import { SERVICE, type Application } from '@feathersjs/feathers'
import type { DependencyContainer } from 'tsyringe'
import { defineClass, type ClassDefinition } from '../class-contract/from-class'
import { makeInjectable } from '../decorators/distributed'
import { REMOTE_SOURCE, type RemoteSource } from '../decorators/remote-injection'
import type { Class } from '../decorators/metadata'
import { ConfigurationError } from '../errors'
import { findService } from '../feathers/app/feathers-app'
import { messageOf } from '../printable'
import { tokenOf } from './container-place'
import { isOnStoppedNode } from './hosted-instance'
import { injectionAdvice, isOfTsyringe, missingInjections } from './injection-faults'
import { TracedContainer } from './traced-container'

/** A class of `services`, what it declares, and the instance that the container built. */
export interface BuiltService {
  readonly target: Class
  readonly definition: ClassDefinition
  readonly instance: object
}

/** The services of a node, and the faults of those that could not be built. */
export interface BuiltServices {
  readonly built: readonly BuiltService[]
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

/**
 * Builds the services with their dependencies. A service that tsyringe can't build is a fault.
 *
 * @param parent - holds the dependencies; nothing is registered in it
 * @throws what a constructor or a factory of the program throws
 */
export function buildServices (
  parent: DependencyContainer, definitions: ReadonlyMap<Class, ClassDefinition>, remotes: RemoteSource
): BuiltServices {
  const traced = new TracedContainer(parent)
  const { container } = traced
  container.register(REMOTE_SOURCE, { useValue: remotes })
  const built: BuiltService[] = []
  const faults: string[] = []
  for (const [target, definition] of definitions) {
    const result = buildService(traced, target, definition)
    if (Array.isArray(result)) faults.push(...result)
    else built.push({ target, definition, instance: result })
  }
  return { built, faults, container }
}

/** Builds one service. Returns the instance, or the faults. */
function buildService (traced: TracedContainer, target: Class, definition: ClassDefinition): object | string[] {
  const { container } = traced
  const token = tokenOf(target)
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
