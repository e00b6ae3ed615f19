import type { InjectionToken } from 'tsyringe'
import type { Class } from '../decorators/metadata'
import { tokenOf } from '../decorators/remote-injection'
import type { RemoteService } from './remote-service'

/**
 * The tsyringe token of a remote service, for `@inject(…)` and `container.resolve(…)`. A class and its path have the
 * same token. Its remote gives plain results; those of `@InjectRemote(TodoService)` and `mesh.remote(TodoService)` give
 * instances.
 *
 * @example
 * ```ts
 * const todos = container.resolve(remoteToken<TodoService>('todos'))
 * container.register(remoteToken(TodoService), { useValue: fake }) // in a test
 * ```
 */
export function remoteToken<T> (target: Class<T> | string): InjectionToken<RemoteService<T>> {
  // Tokens are made by path; only the caller knows the type of the service.
  return tokenOf(target) as InjectionToken<RemoteService<T>>
}
