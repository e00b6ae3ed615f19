import type { TransformationType, TransformMetadata, TypeMetadata } from 'class-transformer'
import type { Class } from '../decorators/metadata'
import { planOf } from './class-plan'
import { hasRules, isNested, isNestedEach, isOwnClass } from './class-types'
import { convert, isConverted } from './convert'
import { copyDispatch } from '../dispatch'
import { untypedFault } from './nested-types'

/** How deep data may be: what is deeper would end in an overflow of the stack somewhere else. */
const MAX_DEPTH = 500

/** What `@Transform` is told: an instance is made of plain data. */
const TO_INSTANCE: TransformationType.PLAIN_TO_CLASS = 0
const OPTIONS = Object.freeze({ exposeUnsetFields: true })

type Fields = Record<string, unknown>

/** What a value is to become. */
interface Wanted {
  readonly type: unknown
  /** Where `@Type` says so, and with which subtypes. */
  readonly metadata?: TypeMetadata
}

/**
 * Makes an instance of a class from a plain object, by the decorators of class-transformer: `@Type`, `@Transform`,
 * `@Expose`, `@Exclude`. It differs from `plainToInstance` in that
 * - a value that no decorator gives a type stays what it is: Map, URL, typed arrays and all other objects, too, which
 *   `plainToInstance` copies by their keys;
 * - a property that the data has not is not there, unless the class gives it a value;
 * - data that refers to itself gives instances that refer to themselves;
 * - a class whose constructor wants more than nothing has its constructor left out;
 * - the data stays as it is, and no part of it says how much memory is taken.
 */
export function instantiate<T extends object> (type: Class<T>, data: object): T {
  // What is made of a class is an instance of it.
  return new Instantiation().instance(data, type) as T
}

class Instantiation {
  /** What each object of the data has become: one instance of each class, however many properties share the object. */
  private readonly made = new Map<object, object[]>()
  /** The same for lists and the like, by the type of their items. */
  private readonly collections = new Map<object, Map<unknown, object>>()
  private depth = 0

  /** @param discriminator - a property that told the class, and is none of it */
  instance (value: object, target: Class<object>, discriminator?: string): object {
    const before = this.made.get(value)
    const known = before?.find(each => each instanceof target)
    if (known !== undefined) return known
    const instance = construct(target)
    if (before === undefined) this.made.set(value, [instance])
    else before.push(instance)
    copyDispatch(value, instance)
    this.descend(() => this.fill(instance, target, fitting(value, target), discriminator))
    for (const key of Object.keys(instance)) {
      if ((instance as Fields)[key] === undefined && !(key in value)) delete (instance as Fields)[key]
    }
    return instance
  }

  private fill (instance: object, target: Class<object>, data: object, discriminator: string | undefined): void {
    const plan = planOf(target)
    const fields = instance as Fields
    for (const { key, name } of plan.properties(data)) {
      if (key === discriminator || isFixed(instance, target, name)) continue
      const given = (data as Fields)[key]
      const metadata = plan.type(name)
      const transforms = plan.transformsOf(name)
      let value = metadata === undefined ? given : this.typed({ instance, data, name, metadata }, given)
      if (transforms !== undefined) value = transformed(transforms, { value, key: name, obj: data })
      fields[name] = isNested(target, name) ? ruled(target, name, value) : value
    }
  }

  private typed (
    { instance, data, name, metadata }: { instance: object, data: object, name: string, metadata: TypeMetadata },
    value: unknown
  ): unknown {
    const options = { newObject: instance, object: data as Record<string, unknown>, property: name }
    const type: unknown = metadata.typeFunction?.(options) ?? metadata.reflectedType
    return this.value(value, { type, metadata }, metadata.reflectedType)
  }

  /** @param declared - what the compiler left for the property */
  private value (value: unknown, wanted: Wanted, declared?: unknown): unknown {
    const { type } = wanted
    if (type === undefined || value === undefined || value === null) return value
    if (typeof value !== 'object') return isConverted(type) && declared !== Map ? convert(value, type) : value
    if (isCollection(value) || declared === Map) return this.collection(value, wanted, declared)
    return isConverted(type) ? convert(value, type) : this.object(value, wanted)
  }

  private object (value: object, wanted: Wanted): object {
    const { target, discriminator } = classOf(value, wanted)
    if (typeof target !== 'function') return value
    // Its length would be that which the data names.
    if (isCollectionClass(target)) throw new TypeError(`an object is no ${target.name}`)
    // An instance is left alone where nothing is to be checked in it.
    if (value instanceof target && !hasRules(target)) return value
    return this.instance(value, target as Class<object>, discriminator)
  }

  private collection (value: object, wanted: Wanted, declared: unknown): unknown {
    const before = this.collections.get(value) ?? new Map<unknown, object>()
    const known = before.get(wanted.type)
    if (known !== undefined) return known
    this.collections.set(value, before)
    // While its items are made it stands for itself: it may be one of them.
    before.set(wanted.type, value)
    let result: object = value
    this.descend(() => { result = copyDispatch(value, this.items(value, wanted, declared)) })
    before.set(wanted.type, result)
    return result
  }

  private items (value: object, wanted: Wanted, declared: unknown): object {
    const item = (of: unknown): unknown => this.value(of, wanted)
    if (value instanceof Set) return new Set([...value].map(item))
    if (value instanceof Map) return new Map([...value].map(([key, of]) => [key, item(of)]))
    if (!Array.isArray(value)) return new Map(Object.entries(value).map(([key, of]) => [key, item(of)]))
    if (isSetClass(declared)) return new declared(value.map(item))
    return isListClass(declared) ? declared.from(value, item) : Array.from(value, item)
  }

  private descend (act: () => void): void {
    if (++this.depth > MAX_DEPTH) throw new RangeError('it is nested too deeply')
    act()
    this.depth--
  }
}

/** Whether something is made of others: rules would be looked for in those, or nowhere. */
export function isCollection (value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map
}

/** The class of an object: of the subtypes of `@Type` the one that the object names. */
function classOf (value: object, { type, metadata }: Wanted): { target: unknown, discriminator?: string } {
  const { discriminator, keepDiscriminatorProperty } = metadata?.options ?? {}
  if (discriminator?.property === undefined || !(discriminator.property in value)) return { target: type }
  const said = (value as Fields)[discriminator.property]
  const subType = discriminator.subTypes.find(({ name }) => name === said)
  return {
    target: subType?.value ?? type,
    ...keepDiscriminatorProperty === true ? {} : { discriminator: discriminator.property }
  }
}

function transformed (
  transforms: readonly TransformMetadata[],
  given: { readonly value: unknown, readonly key: string, readonly obj: object }
): unknown {
  let { value } = given
  for (const { transformFn } of transforms) {
    value = transformFn({ ...given, value, type: TO_INSTANCE, options: OPTIONS })
  }
  return value
}

/** The data without what the class can't take; the data itself where it can take all. */
function fitting (value: object, target: Class<object>): object {
  const entries = Object.entries(value)
  // What a class computes by itself can't be set; some services send it all the same.
  const settable = entries.filter(([key]) => !isGetter(target.prototype as object, key))
  return settable.length === entries.length ? value : Object.fromEntries(settable)
}

/**
 * The value of a property that has `@ValidateNested()`, such that class-validator finds the rules of its class.
 *
 * @throws TypeError for an object of which no rules are known: it would pass
 */
function ruled (target: Class<object>, name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  // class-validator refuses a text in place of an object, while it would look for rules in the items of the list only.
  if (isCollection(value) && isSingle(target, name)) return 'a list'
  if (!isInstance(value)) throw new TypeError(untypedFault(target, name))
  return value
}

/** Whether a property is declared as one instance of a class. */
function isSingle (target: Class<object>, name: string): boolean {
  const declared: unknown = planOf(target).type(name)?.reflectedType
  // A union, be it with null only, is an Object to the compiler: then `each` tells a list.
  if (declared === undefined || declared === Object) return !isNestedEach(target, name)
  return isOwnClass(declared) && !isCollectionClass(declared)
}

/** What the class itself has under a name, which no data can take the place of: a getter, or a method. */
function isFixed (instance: object, target: Class<object>, name: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype as object, name)
  if (descriptor !== undefined && descriptor.set === undefined && descriptor.get !== undefined) return true
  return descriptor?.get === undefined && typeof (instance as Fields)[name] === 'function'
}

/** Whether an object, or each item of a list, or of lists within it, is of a class that has rules. */
function isInstance (value: object): boolean {
  if (!isCollection(value)) return hasRules(value.constructor)
  // A set takes in what is added while it is gone through: lists may share lists, or hold themselves.
  const all = new Set<unknown>([value])
  for (const each of all) {
    if (typeof each !== 'object' || each === null) continue
    if (isCollection(each)) for (const item of (each as ReadonlySet<unknown>).values()) all.add(item)
    else if (!hasRules(each.constructor)) return false
  }
  return true
}

function isGetter (prototype: object | null, key: string): boolean {
  if (prototype === null) return false
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key)
  if (descriptor === undefined) return isGetter(Object.getPrototypeOf(prototype) as object | null, key)
  return descriptor.get !== undefined && descriptor.set === undefined
}

/** Whether a class is one of these three, or made of one of them. */
function isCollectionClass (type: unknown): type is ArrayConstructor | MapConstructor | SetConstructor {
  return isListClass(type) || isSetClass(type) || extendsClass(type, Map)
}

function isSetClass (type: unknown): type is SetConstructor {
  return extendsClass(type, Set)
}

function isListClass (type: unknown): type is ArrayConstructor {
  return extendsClass(type, Array)
}

function extendsClass (type: unknown, base: ArrayConstructor | MapConstructor | SetConstructor): boolean {
  return type === base || (typeof type === 'function' && type.prototype instanceof base)
}

function construct (target: Class<object>): object {
  try {
    // An abstract class has no other kind of constructor at run time.
    return new (target as unknown as new () => object)()
  } catch {
    return Object.create(target.prototype as object) as object
  }
}
