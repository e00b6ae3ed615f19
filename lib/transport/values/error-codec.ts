import type { Codec, ErrorClass, SlotReader, SlotWriter } from './codec'
import { MalformedValue } from './malformed-value'
import { isRecord } from '../../record'
import type { Slot } from './slot'
import { expectFields } from './sparse-fields'

/** The classes of an error, from its own to Error, are told so that a node takes the first that it knows. */
const MAX_CLASSES = 10

/** To make one of the platform's errors takes as long as to read so many characters, and the shortest has less. */
const DOM_EXCEPTION_WORK = 40

/** So does an error; one that was written has its class and name, which are longer. */
const ERROR_WORK = 45

/** Own fields that are told apart, or that Feathers adds for its own process. */
const NOT_SHOWN = new Set(['stack', 'hook'])

/**
 * An error: the names of its classes, what errors have beside their enumerable fields (`name`, `message`, `cause`,
 * `errors`, and the stack between nodes that are not in production), and the enumerable fields.
 */
export const errorCodec: Codec<Error> = {
  write (error, entry, writer) {
    writer.claimWork(ERROR_WORK)
    const hidden: Record<string, Slot | undefined> = { name: String(error.name) }
    for (const key of ['message', 'cause', 'errors'] as const) {
      const property = Object.getOwnPropertyDescriptor(error, key)
      if (property?.enumerable === false) hidden[key] = writer.slot(property.value, key)
    }
    if (writer.stacks) hidden.stack = stackOf(error)
    entry.push(classNames(error), hidden, writeShown(error, writer))
  },

  make ([, names, hidden], reader) {
    const { errorClasses } = reader
    reader.claimWork(ERROR_WORK)
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

  fill (error, [, , hidden, shown], reader) {
    if (!isRecord(hidden) || !isRecord(shown)) throw new MalformedValue('an error that is none')
    for (const key of ['cause', 'errors']) if (Object.hasOwn(hidden, key)) hide(error, key, reader.read(hidden[key]))
    const keys = Object.keys(shown)
    expectFields(error, keys)
    for (const key of keys) show(error, key, reader.read(shown[key]))
    if (typeof hidden.stack === 'string') setRemoteStack(error, hidden.stack, reader)
  }
}

function writeShown (error: Error, writer: SlotWriter): object {
  const fields = error as unknown as Readonly<Record<string, unknown>>
  const shown: Record<string, Slot | undefined> = {}
  const keys = Object.keys(error)
  expectFields(shown, keys)
  for (const key of keys) if (!NOT_SHOWN.has(key)) setField(shown, key, writer.slot(fields[key], key))
  return shown
}

/** One of the platform's errors with a name for a code, such as AbortError. */
export const domExceptionCodec: Codec<DOMException> = {
  write ({ message, name }, entry, writer) {
    writer.claimWork(DOM_EXCEPTION_WORK)
    entry.push(message, name)
  },
  make ([, message, name], reader) {
    reader.claimWork(DOM_EXCEPTION_WORK)
    return withoutTrace(() => new DOMException(text(message), text(name)))
  }
}

const text = (value: unknown): string => typeof value === 'string' ? value : ''

/** An error of a class without a run of the class's constructor, which takes who knows what. */
function construct (type: ErrorClass, message: unknown): Error {
  return withoutTrace(() => Reflect.construct(Error, typeof message === 'string' ? [message] : [], type) as Error)
}

/** Where it is read says nothing of where it was thrown, and to find that out takes longer than all else of it. */
function withoutTrace<T> (make: () => T): T {
  const { stackTraceLimit } = Error
  // Under --frozen-intrinsics it stays as it is.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return make()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

function classNames (error: Error): string[] {
  const names: string[] = []
  for (let at: unknown = Object.getPrototypeOf(error); isRecord(at); at = Object.getPrototypeOf(at)) {
    const name = Object.hasOwn(at, 'constructor') ? (at.constructor as { name?: unknown }).name : undefined
    if (typeof name === 'string' && name !== 'Object' && names.length < MAX_CLASSES) names.push(name)
  }
  return names
}

/** What the far side adds of its own on the way back is behind it. */
function stackOf ({ stack, remoteStack }: Error & { remoteStack?: unknown }): string | undefined {
  const stacks = [stack, remoteStack].filter(each => typeof each === 'string')
  return stacks.length === 0 ? undefined : stacks.join('\n')
}

function hide (error: Error, key: PropertyKey, value: unknown): void {
  define(error, key, value, false)
}

function define (object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable })
}

function show (error: Error, key: string, value: unknown): void {
  // What prints an error counts on these.
  if (['name', 'message'].includes(key) && typeof value !== 'string') return
  if (NOT_SHOWN.has(key) || (key in Object.prototype && key !== '__proto__')) return
  setField(error, key, value)
}

/** Sets a field of its own, whatever the prototype has by that name. */
function setField (object: object, key: string, value: unknown): void {
  if (key in object) define(object, key, value, true)
  else (object as Record<string, unknown>)[key] = value
}

/**
 * Puts the stack of the far side where `error.remoteStack` finds it. Not under that name on the error: Feathers' socket
 * transport gives its clients all own properties of an error that have a name, enumerable or not.
 */
function setRemoteStack (error: Error, remoteStack: string, reader: SlotReader): void {
  hide(error, REMOTE_STACK, remoteStack)
  Object.setPrototypeOf(error, reader.prototypeWithStack(Object.getPrototypeOf(error) as object))
}

const REMOTE_STACK = Symbol('remoteStack')

interface WithRemoteStack {
  [REMOTE_STACK]?: unknown
}

/** The prototype of all errors of one class in a message: to make one for each takes longer than the error. */
export function prototypeWithStack (prototype: object): object {
  return Object.create(prototype, {
    remoteStack: {
      get (this: WithRemoteStack) { return this[REMOTE_STACK] },
      set (this: WithRemoteStack, stack: unknown) { this[REMOTE_STACK] = stack },
      configurable: true,
      enumerable: false
    }
  }) as object
}
