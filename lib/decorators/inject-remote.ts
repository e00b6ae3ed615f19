import { inject } from 'tsyringe'
import type { ClassOrPath } from './remote-token'
import { tokenOf } from './remote-token'

/**
 * Injects a remote service into a constructor parameter; a service that this process hosts is called in the process.
 *
 * @param target - the decorated class, or the path of the service (then only its types are needed here)
 * @throws {@link ConfigurationError} when a class is given that has no `@Distributed`
 * @example
 * ```ts
 * constructor (@InjectRemote('todos') private readonly todos: RemoteService<TodoService>) {}
 * ```
 */
export function InjectRemote (target: ClassOrPath): ParameterDecorator {
  return inject(tokenOf(target))
}
