import { SERVICE, type Application } from '@feathersjs/feathers'
import type { DependencyContainer } from 'tsyringe'
import { defineClass, type ClassDefinition } from '../contract/from-class'
import { makeInjectable } from '../decorators/distributed'
import type { Class } from '../decorators/metadata'
import { findService } from '../feathers/feathers-app'

/** A class of `services`, what it declares, and the instance that the container built. */
export interface BuiltService {
  readonly target: Class
  readonly definition: ClassDefinition
  readonly instance: object
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

/** Builds the services with their dependencies; what can't be built is a fault. */
export function buildServices (
  container: DependencyContainer, definitions: ReadonlyMap<Class, ClassDefinition>
): { built: BuiltService[], faults: string[] } {
  const built: BuiltService[] = []
  const faults: string[] = []
  for (const [target, definition] of definitions) {
    try {
      // A subclass may have no decorator of its own.
      makeInjectable(target)
      // An abstract class can't be resolved; tsyringe says so.
      const instance = container.resolve(target as new () => object)
      if (SERVICE in instance) {
        faults.push(`${target.name} is one object for two apps; register it so that each container has its own`)
        continue
      }
      container.registerInstance(target as new () => object, instance)
      built.push({ target, definition, instance })
    } catch (error) {
      faults.push(`${target.name} can't be built by tsyringe: ${(error as Error).message}; ` +
        'register what its constructor needs in the container, or decorate it with @injectable()')
    }
  }
  return { built, faults }
}
