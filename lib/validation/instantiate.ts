import type { TransformationType, TransformMetadata, TypeMetadata } from 'class-transformer'
import type { Class } from '../decorators/metadata'
import { planOf } from './class-plan'
import { hasRules, isClass, isNested, isNestedEach, isOwnClass } from './class-types'
import { convert, isConverted } from './convert'
import { copyDispatch } from '../dispatch'
import { propertiesOf } from '../record'
import { untypedFault } from './nested-types'

/** How deep data may be nested: deeper data would overflow the stack somewhere else. */
const MAX_DEPTH = 500

/** The direction that `@Transform` gets: an instance is made of plain data. */
const TO_INSTANCE: TransformationType.PLAIN_TO_CLASS = 0
const OPTIONS = Object.freeze({ exposeUnsetFields: true })

/** What a value is to become. */
interface Wanted {
  readonly type: unknown
  /** The `@Type` that names it, with its subtypes. */
  readonly metadata?: TypeMetadata
}

/**
 * Makes an instance of a class from a plain object, by the decorators of class-transformer: `@Type`, `@Transform`,
 * `@Expose`, `@Exclude`. It differs from `plainToInstance` in that
 * - a value that no decorator gives a type stays what it is: Map, URL, typed arrays and all other objects, too, which
 *   `plainToInstance` copies by their keys;
 * - a property that the data leaves out is missing, unless the class gives it a value;
 * - data that refers to itself gives instances that refer to themselves;
 * - the constructor of a class is skipped where it throws without arguments;
 * - the data stays as it is, and no number in it decides how much memory is allocated.
 */
export function instantiate<T extends object> (type: Class<T>, data: object): T {
  return new Instantiation().instance(data, type)
}

class Instantiation {
  /** The instances of each object of the data: one of each class, however many properties share the object. */
  private readonly made = new Map<object, object[]>()
  /** The same for lists and the like, by the type of their items. */
  private readonly collections = new Map<object, Map<unknown, object>>()
  private depth = 0

  /** @param discriminator - a property that only names the class */
  instance<T extends object> (value: object, target: Class<T>, discriminator?: string): T {
    const before = this.made.get(value)
    const known = before?.find((each): each is T => each instanceof target)
    if (known !== undefined) return known
    const instance = construct(target)
    if (before === undefined) this.made.set(value, [instance])
    else before.push(instance)
    copyDispatch(value, instance)
    this.descend(() => this.fill(instance, target, fitting(value, target), discriminator))
    const fields = propertiesOf(instance)
    for (const key of Object.keys(fields)) {
      if (fields[key] === undefined && !(key in value)) delete fields[key]
    }
    return instance
  }

  private fill (instance: object, target: Class<object>, data: object, discriminator: string | undefined): void {
    const plan = planOf(target)
    const fields = propertiesOf(instance)
    for (const { key, name } of plan.properties(data)) {
      if (key === discriminator || isFixed(instance, target, name)) continue
      const given = propertiesOf(data)[key]
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
    const options = { newObject: instance, object: propertiesOf(data), property: name }
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
    if (!isClass(target)) return value
    // Its length would be that which the data names.
    if (isCollectionClass(target)) throw new TypeError(`an object is no ${target.name}`)
    // An instance is left alone where nothing is to be checked in it.
    if (value instanceof target && !hasRules(target)) return value
    return this.instance(value, target, discriminator)
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

/** Whether a value holds others: class-validator looks for rules in those, or nowhere. */
export function isCollection (value: unknown): value is unknown[] | Set<unknown> | Map<unknown, unknown> {
  return Array.isArray(value) || value instanceof Set || value instanceof Map
}

/** The class of an object: of the subtypes of `@Type` the one that the object names. */
function classOf (value: object, { type, metadata }: Wanted): { target: unknown, discriminator?: string } {
  const { discriminator, keepDiscriminatorProperty } = metadata?.options ?? {}
  if (discriminator?.property === undefined || !(discriminator.property in value)) return { target: type }
  const said = propertiesOf(value)[discriminator.property]
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

/** The data without the properties that the class can't set; the data itself where it can set all. */
function fitting (value: object, target: Class<object>): object {
  const entries = Object.entries(value)
  // A getter can't be set, and some services send its value all the same.
  const settable = entries.filter(([key]) => !isGetter(target.prototype, key))
  return settable.length === entries.length ? value : Object.fromEntries(settable)
}

/**
 * The value of a property that has `@ValidateNested()`, such that class-validator finds the rules of its class.
 *
 * @throws TypeError for an object without known rules, which would pass unchecked
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

/** Whether the class itself has a getter or a method of this name, which no data may replace. */
function isFixed (instance: object, target: Class<object>, name: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name)
  if (descriptor !== undefined && descriptor.set === undefined && descriptor.get !== undefined) return true
  return descriptor?.get === undefined && typeof propertiesOf(instance)[name] === 'function'
}

/** Whether an object, or each item of a list, or of lists within it, is of a class that has rules. */
function isInstance (value: object): boolean {
  if (!isCollection(value)) return hasRules(value.constructor)
  // A loop over a set also reaches what is added meanwhile: lists may share lists, or hold themselves.
  const all = new Set<unknown>([value])
  for (const each of all) {
    if (typeof each !== 'object' || each === null) continue
    if (isCollection(each)) for (const item of each.values()) all.add(item)
    else if (!hasRules(each.constructor)) return false
  }
  return true
}

function isGetter (prototype: object | null, key: string): boolean {
  if (prototype === null) return false
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key)
  if (descriptor === undefined) return isGetter(Object.getPrototypeOf(prototype), key)
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

function construct<T extends object> (target: Class<T>): T {
  try {
    // Not by `new`, as the compiler knows that the class may be abstract.
    return Reflect.construct(target, [])
  } catch {
    return Object.create(target.prototype)
  }
}
