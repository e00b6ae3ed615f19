import type { InjectionToken } from 'tsyringe'
import type { Class } from '../decorators/metadata'
import { tokenOf } from '../decorators/remote-injection'
import type { RemoteService } from './remote-service'

/**
 * The tsyringe token of a remote service, for `@inject(…)` and `container.resolve(…)`. It is that of the path, however
 * it is said: what it gives has plain results; `@InjectRemote(TodoService)` and `mesh.remote(TodoService)` revive them.
 *
 * @example
 * ```ts
 * const todos = container.resolve(remoteToken<TodoService>('todos'))
 * container.register(remoteToken(TodoService), { useValue: fake }) // in a test
 * ```
 */
export function remoteToken<T> (target: Class<T> | string): InjectionToken<RemoteService<T>> {
  // The token is made for any path; what it resolves to is known here only.
  return tokenOf(target) as InjectionToken<RemoteService<T>>
}
