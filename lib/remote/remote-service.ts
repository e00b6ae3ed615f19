import type { DurableListenerOptions, ListenerOptions } from '../decorators/listener-options'
import type { DurableEvent, ServiceEvent } from '../decorators/distributed-event'
import type { EventGap } from '../transport/transport'
import type { CallOptions } from './call/call-options'

// Any function at all. Its result is void, so that the compiler need not know the result of a method to see that it is
// one: services that hold remotes of each other would else ask for each other's results for ever.
type AnyFunction = (...args: never[]) => void

/** The payload of a `ServiceEvent` or a `DurableEvent`; never for anything else that can emit. */
type Emitted<F> =
  F extends DurableEvent<infer P> ? DurableEvent<P> extends F ? P : never
    : F extends ServiceEvent<infer P> ? ServiceEvent<P> extends F ? P : never : never

type EventMember<T> = { [K in keyof T]-?: [Emitted<NonNullable<T[K]>>] extends [never] ? never : K }[keyof T] & string

/**
 * The name of a member, if it is a method that a remote has; never else. What is `any` may be one.
 *
 * The type of the member is compared inside an object. A bare type would be asked first whether it is generic, and one
 * that is a remote itself would ask its own members: without end, for services that hold remotes of each other.
 */
type MethodName<K, F> =
  K extends ReservedMember | symbol | number ? never
    : { member: F } extends { member: null | undefined } ? { member: unknown } extends { member: F } ? K : never
      : { member: F } extends { member: AnyFunction | null | undefined } ? K : never

/** Members that a remote has of its own, internal ones, and those that Feathers calls on the hosting node only. */
type ReservedMember =
  'on' | 'once' | 'off' | 'with' | 'then' | 'setup' | 'teardown' | 'emit' | 'publish' | 'hooks' | `_${string}`

/** The method whose result each standard event carries. */
interface StandardEvents {
  created: 'create'
  updated: 'update'
  patched: 'patch'
  removed: 'remove'
}

/** Feathers emits an event for each item of a list. */
type Item<R> = R extends readonly (infer I)[] ? I : R

type ResultOf<T, M> =
  M extends keyof T ? NonNullable<T[M]> extends (...args: never[]) => infer R ? Item<Awaited<R>> : never : never

type StandardEvent<T> =
  { [E in keyof StandardEvents]: StandardEvents[E] extends keyof T ? E : never }[keyof StandardEvents]

/** The events of a service: its `ServiceEvent` members, and the standard ones of the methods that it has. */
export type EventName<T> = EventMember<T> | StandardEvent<T>

/** The payload that the listeners of an event receive. */
export type EventPayload<T, E extends EventName<T>> =
  E extends EventMember<T> ? Emitted<NonNullable<T[E]>>
    : E extends keyof StandardEvents ? ResultOf<T, StandardEvents[E]> : never

/** The hook context of an event, as far as it crosses the mesh. */
export interface RemoteEventContext {
  readonly path: string
  readonly event: string
  /** The method of the call that emitted the event; null where a service emitted it itself. */
  readonly method: string | null
  readonly type: string | null
  readonly params: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** What a listener returns: for a durable event a promise says when it is handled. */
type Heard<T, E> = E extends keyof T ? IsDurable<T[E]> extends true ? void | Promise<unknown> : void : void

/** A listener of an event of a service. */
export type EventListener<T, E extends EventName<T>> =
  (payload: EventPayload<T, E>, context: RemoteEventContext) => Heard<T, E>

/** The names that a remote has listeners for: the events of the service, and 'gap'. */
export type ListenedName<T> = EventName<T> | 'gap'

/** The listener of an event, or of gaps. */
export type ListenerOf<T, E extends ListenedName<T>> =
  E extends EventName<T> ? EventListener<T, E> : (gap: EventGap) => void

/** Whether an event may have durable groups: one that is declared so, or a standard one, as types can't tell. */
export type CanBeDurable<T, E> =
  E extends keyof T ? IsDurable<T[E]> : true

type IsDurable<F> = NonNullable<F> extends { emit: (payload: never) => Promise<void> } ? true : false

/** Each listener is told every gap, so those have no groups. */
type ListenerOptionsOf<T, E> = E extends 'gap' ? undefined
  : CanBeDurable<T, E> extends true ? ListenerOptions | DurableListenerOptions : ListenerOptions

/** The members of every remote besides the methods of its service. */
export interface RemoteControls<T> {
  /**
   * Listens to an event of all replicas, also of those that join later; or, as 'gap', for events that this node missed:
   * it received them too slowly, or had no connection for a while.
   *
   * With `{ group }` each event goes to one listener of the group, whichever node it is on: `on('completed', bill,
   * { group: 'billing' })`. What is lost with a node that dies is told to the others as 'gap'.
   *
   * With `{ durable }`, for an event that is durable, it is given again until a listener of the group has handled it:
   * until the promise of the listener resolves.
   *
   * A listener that throws over an event of another node causes a warning and does not end the process, unless the
   * remote is that of a class whose rules accept the payload; one of a group never ends it.
   */
  on<E extends ListenedName<T>> (event: E, listener: ListenerOf<T, E>, options?: ListenerOptionsOf<T, E>): this
  /** The same for the first event only. */
  once<E extends ListenedName<T>> (event: E, listener: ListenerOf<T, E>): this
  /** Removes a listener that `on` or `once` added. */
  off<E extends ListenedName<T>> (event: E, listener: ListenerOf<T, E>): this
  /**
   * The same remote with options for its calls.
   *
   * @example
   * ```ts
   * await todos.with({ timeout: 500 }).find()
   * ```
   */
  with (options: CallOptions): RemoteService<T>
}

/** The result of a signature; the name marks those that the compiler would wrongly take for promises. */
type Result<R> = 0 extends R & 1 ? 'any' : [R] extends [never] ? 'never' : R

/** The same, and never for a signature that is not there: some compilers fill up with unknown, others repeat one. */
type FurtherResult<R> = unknown extends R ? (0 extends R & 1 ? 'any' : never) : Result<R>

type RemoteCall<A extends unknown[], R> = (...args: A) => Promise<Awaited<R>>

/** The same, and unknown, which adds nothing to the others, for a signature that is not there. */
type FurtherCall<A extends unknown[], R> =
  [FurtherResult<R>] extends [never] ? unknown[] extends A ? unknown : RemoteCall<A, R> : RemoteCall<A, R>

/**
 * A method of which all signatures give promises stays as it is, with its type parameters; others give promises here.
 * Up to four signatures are distinguished.
 */
type RemoteMethod<F> =
  0 extends F & 1 ? F
    : F extends {
      (...args: infer A): infer R
      (...args: infer B): infer S
      (...args: infer C): infer T
      (...args: infer D): infer U
    }
      ? [FurtherResult<R> | FurtherResult<S> | FurtherResult<T> | Result<U>] extends [Promise<unknown>] ? F
          : FurtherCall<A, R> & FurtherCall<B, S> & FurtherCall<C, T> & RemoteCall<D, U>
      : LastSignature<F>

/** Compilers before 5.4 find no four signatures where there are fewer, and give the last one only. */
type LastSignature<F> =
  F extends (...args: infer A) => infer R ? [Result<R>] extends [Promise<unknown>] ? F : RemoteCall<A, R> : never

/** The public methods of a service as its callers see them: the same arguments, always a promise. */
// The `as` clause keeps the link to the methods of T, by which editors find references and rename.
export type RemoteMethods<T> = { [K in keyof T as MethodName<K, T[K]>]-?: RemoteMethod<NonNullable<T[K]>> }

/** A service of another process (or of this one) with its types: methods, and events to listen to. */
export type RemoteService<T> = RemoteMethods<T> & RemoteControls<T>
