import { throwIfBare, throwIfStandard } from '../decorators/decorator-use'
import {
  addListener, memberKind, type Class, type DurableRemoteEventOptions, type RemoteEventOptions
} from '../decorators/metadata'
import type { CanBeDurable, ListenedName, ListenerOf } from './remote-service'

/** A decorator of methods that are listeners. */
type ListenerDecorator<L> =
  <M extends L>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<M>) => void

/** Gaps are told to every listener, so they have no groups; and they have no class. */
type OptionsOf<T, E> = E extends 'gap' ? undefined
  : CanBeDurable<T, E> extends true ? RemoteEventOptions | DurableRemoteEventOptions : RemoteEventOptions

/** The listeners of several events: a method is one of them. */
type ListenerOfAny<T, E extends ListenedName<T>> = E extends ListenedName<T> ? ListenerOf<T, E> : never

/**
 * Makes a method of an injectable class a listener of an event of a service, on any node that hosts it:
 * `DistributedModule.forRoot({ listeners: [Billing] })` builds the class and begins to listen. With `{ group }` each
 * event goes to one member of the group; with `{ durable }`, for a durable event, it is given again until one has
 * handled it. The payload is checked like data; what the method throws is a warning.
 *
 * @param service - the decorated class, or the path of the service (then only its types are needed here). By the class
 *   the compiler knows the payload of each event. `@OnRemoteEvent<TodoService>('todos', …)` takes methods for the
 *   payload of any event of the service; `@OnRemoteEvent<TodoService, 'completed'>('todos', 'completed')` is exact
 * @example
 * ```ts
 * @OnRemoteEvent(TodoService, 'completed', { group: 'billing' })
 * async bill (todo: Todo): Promise<void> { … }
 * ```
 */
export function OnRemoteEvent<T, E extends ListenedName<T>> (
  service: Class<T>, event: E, options?: OptionsOf<T, E>
): ListenerDecorator<ListenerOf<T, E>>
export function OnRemoteEvent<T, E extends ListenedName<T> = ListenedName<T>> (
  service: string, event: E, options?: OptionsOf<T, E>
): ListenerDecorator<ListenerOfAny<T, E>>
export function OnRemoteEvent (
  service: Class | string, event: string, options: RemoteEventOptions | DurableRemoteEventOptions = {}
): ListenerDecorator<(...args: never[]) => void> {
  const example = "@OnRemoteEvent(TodoService, 'completed')"
  throwIfStandard('OnRemoteEvent', [service, event])
  // The types forbid it, but a decorator without parentheses receives the prototype.
  if (typeof service === 'object') throwIfBare('OnRemoteEvent', example, [service, event, options])
  return (target, name, descriptor?: PropertyDescriptor) => {
    throwIfStandard('OnRemoteEvent', [target, name])
    addListener(target, { name, kind: memberKind(target, descriptor), service, event, options })
  }
}
