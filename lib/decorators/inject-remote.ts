import { throwIfBare, throwIfStandard } from './decorator-use'
import { injection } from './injection'
import type { ClassOrPath } from './remote-injection'
import { remoteOfClass, tokenOf } from './remote-injection'

/**
 * Injects a remote service into a constructor parameter; a service that this process hosts is called in the process.
 *
 * @param target - the decorated class, or the path of the service (then only its types are needed here).
 *   For the class its results and payloads are instances of the classes that its decorators name; for the path they are
 *   plain objects
 * @throws {@link ConfigurationError} when a class is given that has no `@Distributed`
 * @example
 * ```ts
 * constructor (@InjectRemote('todos') private readonly todos: RemoteService<TodoService>) {}
 * ```
 */
export function InjectRemote (target: ClassOrPath, ...rest: never[]): ParameterDecorator {
  throwIfBare('InjectRemote', "@InjectRemote('todos'), or @InjectRemote(TodoService)", [target, ...rest])
  const token = tokenOf(target)
  const { inject, injectWithTransform } = injection()
  const decorate = typeof target === 'string' ? inject(token) : injectWithTransform(token, remoteOfClass(), target)
  return (...applied) => {
    throwIfStandard('InjectRemote', applied)
    decorate(...applied)
  }
}
