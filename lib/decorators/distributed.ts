import { ConfigurationError } from '../errors'
import { throwIfStandard } from './decorator-use'
import { injection } from './injection'
import type { Class, DistributedOptions } from './metadata'
import { inheritInjections, setServiceOptions } from './metadata'

/**
 * Makes a class a service of the mesh, and injectable by tsyringe.
 *
 * It only records: `DistributedModule.forRoot({ services: [TodoService] })` hosts the class.
 * A subclass inherits path, methods and events, and may override each of them.
 *
 * @param pathOrOptions - the path of the service on the app, or all options
 * @example
 * ```ts
 * @Distributed('todos')
 * class TodoService {
 *   @DistributedMethod() async find (): Promise<Todo[]> { return [] }
 * }
 * ```
 */
export function Distributed (
  pathOrOptions: string | Partial<DistributedOptions>, ...rest: never[]
): <T extends Class>(target: T) => void {
  throwIfStandard('Distributed', [pathOrOptions, ...rest])
  // The types forbid it, but `@Distributed` without parentheses receives the class.
  if (typeof pathOrOptions === 'function') {
    throw new ConfigurationError(["@Distributed needs the path of the service: write @Distributed('todos')"])
  }
  const options = typeof pathOrOptions === 'string' ? { path: pathOrOptions } : pathOrOptions
  return (target, ...context: unknown[]) => {
    throwIfStandard('Distributed', [target, ...context])
    setServiceOptions(target, options)
    makeInjectable(target)
  }
}

/** Lets tsyringe build a class; one without a constructor of its own gets the injections of its base. */
export function makeInjectable (target: Class): void {
  inheritInjections(target)
  // tsyringe takes only concrete constructors. An abstract class is never resolved; its subclasses are.
  injection().injectable()(target as unknown as new () => unknown)
}
