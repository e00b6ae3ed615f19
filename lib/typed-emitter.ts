import { EventEmitter } from 'node:events'

/** The lists of arguments of events, by name. */
type Arguments<E> = { [K in keyof E]: unknown[] }

/**
 * An EventEmitter that knows its events.
 *
 * @types/node gives EventEmitter such a type parameter only since 20.11.1, and our declarations are compiled with those
 * that a user has: older ones have to do.
 */
export interface TypedEmitter<E extends Arguments<E>> extends EventEmitter {
  on<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  once<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  off<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  emit<K extends keyof E & string> (event: K, ...args: E[K]): boolean
}

// The same class with narrower types.
export const TypedEmitter = EventEmitter as unknown as new <E extends Arguments<E>>() => TypedEmitter<E>
