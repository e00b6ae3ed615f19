import { types } from 'node:util'
import { ERROR_CLASSES, nameOfClass, type ErrorClass } from '../error-classes'
import type { Codec, SlotWriter } from './codec'
import { MalformedValue } from '../errors'
import { defineField, expectFields, haveNumbers, setField } from '../fields'
import { messageOf } from '../../../printable'
import { fieldsOf, isRecord } from '../../../record'
import type { Slot } from '../slot'

/** Class names that are sent, from the error's own class up; the receiver uses the first one that it knows. */
const MAX_CLASSES = 10

/** The work of creating a DOMException; a message and a name of some use are longer. */
const DOM_EXCEPTION_WORK = 100

/** The work of creating an error; an entry that was encoded holds its class and name, which are longer. */
const ERROR_WORK = 72

/** The work of giving it a remote stack, which is longer. */
const STACK_WORK = 72

/** The work of fields whose names are numbers. */
const NUMBERS_WORK = 20

/** Classes that create their own instances quicker than Error does, for which it would make a hidden class each. */
const NATIVE: ReadonlySet<unknown> = new Set([
  Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError
])

/** Fields of an error that are sent separately, or that Feathers adds for its own process. */
const NOT_SHOWN = new Set(['stack', 'hook'])

/**
 * An error: the names of its classes, the fields that errors hide (`name`, `message`, `cause`, `errors`, and between
 * nodes that are not in production the stack), and its enumerable fields.
 */
export const errorCodec: Codec<Error> = {
  name: 'Error',
  is: isError,
  ignoresToJSON: true,
  omitsUnsendable: true,

  write (error, entry, writer) {
    writer.claimWork(writer.stacks ? ERROR_WORK + STACK_WORK : ERROR_WORK)
    const hidden: Record<string, Slot | undefined> = { name: messageOf(error.name) }
    for (const key of ['message', 'cause', 'errors'] as const) {
      const property = Object.getOwnPropertyDescriptor(error, key)
      if (property?.enumerable === false) hidden[key] = writer.slot(property.value, key)
    }
    if (writer.stacks) hidden.stack = stackOf(error)
    entry.push(classNames(error), hidden, writeShown(error, writer))
  },

  make ([, names, hidden], reader) {
    const { errorClasses } = reader
    if (!Array.isArray(names) || !isRecord(hidden)) throw new MalformedValue('an error that is none')
    reader.claimWork(typeof hidden.stack === 'string' ? ERROR_WORK + STACK_WORK : ERROR_WORK)
    const { name, message } = hidden
    const known = names.find(each => errorClasses.has(each))
    const type = errorClasses.get(known) ?? Error
    const error = construct(typeof hidden.stack === 'string' ? reader.typeWithStack(type) : type, message)
    if (typeof name !== 'string') return error
    // An error of a class that is unknown here keeps at least the name of that class.
    const given = names[0] !== known && name === known && typeof names[0] === 'string' ? names[0] : name
    if (error.name !== given) hide(error, 'name', given)
    return error
  },

  fill (error, [, , hidden, shown], reader) {
    if (!isRecord(hidden) || !isRecord(shown)) throw new MalformedValue('an error that is none')
    for (const key of ['cause', 'errors']) if (Object.hasOwn(hidden, key)) hide(error, key, reader.read(hidden[key]))
    const keys = Object.keys(shown)
    if (haveNumbers(keys)) reader.claimWork(NUMBERS_WORK)
    expectFields(error, keys)
    for (const key of keys) show(error, key, reader.read(shown[key]))
    // The error has no own property `remoteStack`: Feathers' socket transport sends its clients all own properties of
    // an error with a string key, enumerable or not.
    if (typeof hidden.stack === 'string') hide(error, REMOTE_STACK, hidden.stack)
  }
}

/** Whether a value is an error, also one of another realm or one that inherits from Error without being native. */
export function isError (value: object): value is Error {
  return types.isNativeError(value) || value instanceof Error
}

/** A DOMException, such as an AbortError, by its message and name. */
export const domExceptionCodec: Codec<DOMException> = {
  name: 'DOMException',
  is: value => value instanceof DOMException,
  ignoresToJSON: true,
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

function writeShown (error: Error, writer: SlotWriter): object {
  const fields = fieldsOf(error)
  const shown: Record<string, Slot | undefined> = {}
  const keys = Object.keys(error)
  if (haveNumbers(keys)) writer.claimWork(NUMBERS_WORK)
  expectFields(shown, keys)
  for (const key of keys) if (!NOT_SHOWN.has(key)) setField(shown, key, writer.slot(fields[key], key))
  return shown
}

/** Creates an error of a class without running the class's constructor, whose parameters are unknown. */
function construct (type: ErrorClass, message: unknown): Error {
  // Error.prototype is in the chain of the class's own, so this is one of its instances.
  const maker = NATIVE.has(type) ? type : Error
  return withoutTrace(() => Reflect.construct(maker, typeof message === 'string' ? [message] : [], type) as Error)
}

/** A trace of the decoding node is of no use, and collecting it takes longer than everything else about an error. */
function withoutTrace<T> (make: () => T): T {
  const { stackTraceLimit } = Error
  // Not an assignment: under --frozen-intrinsics that would throw.
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
    const { constructor } = at
    const isOwn = Object.hasOwn(at, 'constructor') && typeof constructor === 'function'
    const name = isOwn ? nameOfClass(constructor) : undefined
    if (typeof name === 'string' && name !== 'Object' && names.length < MAX_CLASSES) names.push(name)
  }
  return withFeathersName(error, names)
}

/** Another copy of Feathers may be in a bundle, where its classes have other names: its errors still tell theirs. */
function withFeathersName (error: Error, names: string[]): string[] {
  const { name, type } = error as Error & { readonly type?: unknown }
  if (type !== 'FeathersError' || names.includes('FeathersError') || !ERROR_CLASSES.has(name)) return names
  return names.flatMap(each => each === 'Error' ? [name, each] : each)
}

/** The stack of this node, followed by that of the node that the error came from. */
function stackOf (error: Error): string | undefined {
  const { stack, remoteStack } = error as Error & { readonly remoteStack?: unknown }
  const stacks = [stack, remoteStack].filter(each => typeof each === 'string')
  return stacks.length === 0 ? undefined : stacks.join('\n')
}

function hide (error: Error, key: PropertyKey, value: unknown): void {
  defineField(error, key, value, false)
}

function show (error: Error, key: string, value: unknown): void {
  // Code that prints errors expects strings here.
  if ((key === 'name' || key === 'message') && typeof value !== 'string') return
  if (NOT_SHOWN.has(key) || (key in error && isMethod(error, key))) return
  setField(error, key, value)
}

/** Whether the class of an error has a method of this name, such as `toJSON`: a value in its place would break it. */
function isMethod (error: Error, key: string): boolean {
  if (key === '__proto__') return false
  for (let at: unknown = Object.getPrototypeOf(error); isRecord(at); at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, key)
    if (property !== undefined) return typeof property.value === 'function'
  }
  return false
}

const REMOTE_STACK = Symbol('remoteStack')

interface WithRemoteStack {
  [REMOTE_STACK]?: unknown
}

/**
 * A class for all errors of one class in a message whose remote stack `error.remoteStack` finds. Creating one per error
 * would take longer than the error, and so does replacing its prototype.
 */
export function typeWithStack (type: ErrorClass): ErrorClass {
  // A class only by its prototype, which is all that Reflect.construct reads of it. It extends Error, as V8 would make
  // a hidden class for each error of any other function.
  const made = class extends Error {}
  Object.setPrototypeOf(made.prototype, type.prototype as object)
  Reflect.deleteProperty(made.prototype, 'constructor')
  Object.defineProperty(made.prototype, 'remoteStack', {
    get (this: WithRemoteStack) { return this[REMOTE_STACK] },
    set (this: WithRemoteStack, stack: unknown) { this[REMOTE_STACK] = stack },
    configurable: true,
    enumerable: false
  })
  return made
}
