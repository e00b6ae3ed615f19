import { EventEmitter } from 'node:events'

/** The arguments of each event, by its name. */
type Arguments<E> = { [K in keyof E]: unknown[] }

/**
 * An EventEmitter with the types of its events.
 *
 * EventEmitter has had such a type parameter only since @types/node 20.11.1, and users compile our declarations with
 * older versions, too.
 */
export interface TypedEmitter<E extends Arguments<E>> extends EventEmitter {
  on<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  once<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  off<K extends keyof E & string> (event: K, listener: (...args: E[K]) => void): this
  emit<K extends keyof E & string> (event: K, ...args: E[K]): boolean
}

/** The class of Node, with narrower types. */
export const TypedEmitter = EventEmitter as unknown as new <E extends Arguments<E>>() => TypedEmitter<E>
