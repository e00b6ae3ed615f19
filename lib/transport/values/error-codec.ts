import type { Codec, ErrorClass, SlotReader } from './codec'
import { MalformedValue } from './malformed-value'
import { isRecord } from './record'
import type { Slot } from './slot'

/** The classes of an error, from its own to Error, are told so that a node takes the first that it knows. */
const MOST_CLASSES = 10

/** Own fields that are told apart, or that Feathers adds for its own process. */
const NOT_SHOWN = new Set(['stack', 'hook'])

/**
 * An error: the names of its classes, what errors have beside their enumerable fields (`name`, `message`, `cause`,
 * `errors`, and the stack between nodes that are not in production), and the enumerable fields.
 */
export const errorCodec: Codec<Error> = {
  write (error, writer) {
    const hidden: Record<string, Slot | undefined> = { name: String(error.name) }
    for (const key of ['message', 'cause', 'errors'] as const) {
      const property = Object.getOwnPropertyDescriptor(error, key)
      if (property?.enumerable === false) hidden[key] = writer.slot(property.value, key)
    }
    if (writer.stacks) hidden.stack = stackOf(error)
    const shown = Object.entries(error)
      .filter(([key]) => !NOT_SHOWN.has(key))
      .map(([key, value]) => [key, writer.slot(value, key)])
    return [classNames(error), hidden, Object.fromEntries(shown)]
  },

  make ([names, hidden], { errorClasses }) {
    if (!Array.isArray(names) || !isRecord(hidden)) throw new MalformedValue('an error that is none')
    const { name, message } = hidden
    const known = names.find(each => errorClasses.has(each))
    const type = errorClasses.get(known) ?? Error
    const error = construct(type, message)
    if (typeof name !== 'string') return error
    // One of a class that is not known here is known by its name at least.
    const told = names[0] !== known && name === known && typeof names[0] === 'string' ? names[0] : name
    if (error.name !== told) hide(error, 'name', told)
    return error
  },

  fill (error, [, hidden, shown], reader) {
    if (!isRecord(hidden) || !isRecord(shown)) throw new MalformedValue('an error that is none')
    for (const key of ['cause', 'errors']) if (Object.hasOwn(hidden, key)) hide(error, key, reader.read(hidden[key]))
    for (const [key, slot] of Object.entries(shown)) show(error, key, slot, reader)
    if (typeof hidden.stack === 'string') setRemoteStack(error, hidden.stack)
  }
}

/** One of the platform's errors with a name for a code, such as AbortError. */
export const domExceptionCodec: Codec<DOMException> = {
  write: ({ message, name }) => [message, name],
  make: ([message, name]) => new DOMException(String(message), String(name))
}

/** An error of a class without a run of the class's constructor, which takes who knows what. */
function construct (type: ErrorClass, message: unknown): Error {
  return Reflect.construct(Error, typeof message === 'string' ? [message] : [], type) as Error
}

function classNames (error: Error): string[] {
  const names: string[] = []
  for (let at: unknown = Object.getPrototypeOf(error); isRecord(at); at = Object.getPrototypeOf(at)) {
    const name = Object.hasOwn(at, 'constructor') ? (at.constructor as { name?: unknown }).name : undefined
    if (typeof name === 'string' && name !== 'Object' && names.length < MOST_CLASSES) names.push(name)
  }
  return names
}

/** What the far side adds of its own on the way back is behind it. */
function stackOf ({ stack, remoteStack }: Error & { remoteStack?: unknown }): string | undefined {
  const stacks = [stack, remoteStack].filter(each => typeof each === 'string')
  return stacks.length === 0 ? undefined : stacks.join('\n')
}

function hide (error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
}

function show (error: Error, key: string, slot: unknown, reader: SlotReader): void {
  const value = reader.read(slot)
  // What prints an error counts on these.
  if (['name', 'message'].includes(key) && typeof value !== 'string') return
  if (NOT_SHOWN.has(key) || (key in Object.prototype && key !== '__proto__')) return
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true })
}

/**
 * Puts the stack of the far side where `error.remoteStack` finds it. Not on the error: Feathers' socket transport
 * gives its clients all own properties of an error, those that are not enumerable included.
 */
function setRemoteStack (error: Error, remoteStack: string): void {
  const prototype = Object.create(Object.getPrototypeOf(error) as object, {
    remoteStack: { value: remoteStack, writable: true, configurable: true, enumerable: false }
  }) as object
  Object.setPrototypeOf(error, prototype)
}
