import type { TransformationType, TransformMetadata, TypeMetadata } from 'class-transformer'
import { SegmentedMap } from '../collections/segmented-map'
import { noteShared } from '../collections/shared-objects'
import type { Class } from '../decorators/metadata'
import { planOf, type ClassPlan } from './class-plan'
import { hasRules, isClass, isNested } from './class-types'
import { Conversions, emptyCollection, isConverted } from './convert'
import { isCollection, isFieldsObject } from './data-kinds'
import { copyDispatch } from '../dispatch'
import { propertiesOf } from '../record'
import { isSingle, NestedValues } from './nested-values'

/** How deep data may be nested: deeper data would overflow the stack somewhere else. */
const MAX_DEPTH = 500

/** Items of a list, or fields of an object, that are made before those in them. */
const CHUNK = 256

/** The direction that `@Transform` gets: an instance is made of plain data. */
const TO_INSTANCE: TransformationType.PLAIN_TO_CLASS = 0
const OPTIONS = Object.freeze({ exposeUnsetFields: true })

/** What a value is to become. */
interface Wanted {
  readonly type: unknown
  /** The `@Type` that names it, with its subtypes. */
  readonly metadata: TypeMetadata
}

/** A list or the like that was made, and of what. */
interface MadeCollection {
  readonly wanted: Wanted
  readonly result: object
}

/** The instances of several classes that were made of one object. An array could be an instance itself. */
class Several {
  constructor (readonly all: object[]) {}
}

/** An instance, and what is still to be filled from its data. */
interface OpenInstance {
  readonly instance: object
  readonly target: Class<object>
  readonly plan: ClassPlan
  readonly data: object
  readonly discriminator: string | undefined
  readonly keys: readonly string[]
  next: number
  /** Properties to which nothing gave a value so far. */
  readonly unset: string[]
}

/** An object or a list that was made, and has yet to be filled. */
interface Filling {
  readonly depth: number
  fill (): void
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
  const making = new Instantiation()
  const instance = making.root(data, type)
  making.finish()
  return instance
}

/**
 * Makes instances of data, one of each class for an object however many properties share it. They are filled in steps,
 * so that large data does not stop the process.
 */
export class Instantiation {
  /** How much data was read: objects, fields, items, and the characters of texts by the eight. */
  size = 0
  /** One instance, or a list of those of several classes: one by one they would take twice the memory. */
  private readonly made = new SegmentedMap<object, object | Several>()
  private readonly collections = new SegmentedMap<object, MadeCollection[]>()
  private readonly conversions = new Conversions(pieces => { this.size += pieces })
  private readonly open: Filling[] = []
  private readonly nested = new NestedValues()
  private depth = 0

  /** Makes an instance of data that lies in no other; {@link advance} fills it. */
  root<T extends object> (data: object, target: Class<T>): T {
    this.depth = 0
    return this.instance(data, target)
  }

  private instance<T extends object> (value: object, target: Class<T>, discriminator?: string): T {
    const before = this.made.get(value)
    const known = before instanceof Several ? before.all.find(each => each instanceof target) : before
    if (known instanceof target) return noteShared(known)
    const instance = construct(target)
    if (before === undefined) this.made.add(value, instance)
    else if (before instanceof Several) before.all.push(instance)
    else this.made.set(value, new Several([before, instance]))
    copyDispatch(value, instance)
    this.later(() => this.start(instance, target, value, discriminator))
    return instance
  }

  /**
   * Fills what was made, up to about so many objects, fields and items.
   *
   * @returns whether nothing is left to do
   * @throws where no instance can be made of the data
   */
  advance (steps: number): boolean {
    const end = this.size + steps
    while (this.size < end) {
      const next = this.open.pop()
      if (next === undefined) return this.nested.advance(steps)
      this.depth = next.depth
      next.fill()
    }
    return false
  }

  /** Leaves what was made as it is, after a fault in it. */
  abandon (): void {
    this.open.length = 0
    this.nested.abandon()
  }

  /** Fills all that was made. */
  finish (): void {
    while (!this.advance(Infinity));
  }

  private later (fill: () => void): void {
    if (this.depth >= MAX_DEPTH) throw new RangeError('it is nested too deeply')
    this.open.push({ depth: this.depth + 1, fill })
  }

  /** Fills what was made so far, for code of the program that looks at it. */
  private settle (): void {
    const { depth } = this
    for (let next = this.open.pop(); next !== undefined; next = this.open.pop()) {
      this.depth = next.depth
      next.fill()
    }
    this.depth = depth
  }

  private start (instance: object, target: Class<object>, data: object, discriminator: string | undefined): void {
    const plan = planOf(target)
    this.size++
    this.fill({
      instance, target, plan, data, discriminator, keys: plan.keys(data), next: 0, unset: Object.keys(instance)
    })
  }

  /** Fills some fields, and leaves the rest for a later turn, which comes before what lies in them. */
  private fill (open: OpenInstance): void {
    const { instance, keys, unset, data } = open
    const end = Math.min(keys.length, open.next + CHUNK)
    for (; open.next < end; open.next++) this.field(open, keys[open.next])
    if (end < keys.length) this.open.push({ depth: this.depth, fill: () => this.fill(open) })
    else deleteMissing(unset, propertiesOf(instance), data)
  }

  private field ({ instance, target, plan, data, discriminator, unset }: OpenInstance, key: string): void {
    const name = plan.nameOf(key)
    if (name === undefined) return
    const given = propertiesOf(data)[key]
    this.size += sizeOf(given)
    if (key === discriminator || isFixed(instance, target, name)) return
    const metadata = plan.type(name)
    const transforms = plan.transformsOf(name)
    let value = metadata === undefined ? given : this.typed({ instance, data, name, metadata }, given)
    if (transforms !== undefined || plan.accessors.has(name)) this.settle()
    if (transforms !== undefined) value = transformed(transforms, { value, key: name, obj: data })
    if (value === undefined) unset.push(name)
    propertiesOf(instance)[name] = isNested(target, name) ? this.ruled(target, name, value) : value
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
    const isMade = isConverted(type)
    if (typeof value !== 'object') return isMade && declared !== Map ? this.conversions.of(value, type) : value
    if (isCollection(value)) return this.collection(value, wanted, declared)
    if (declared === Map) return isFieldsObject(value) ? this.collection(value, wanted, declared) : value
    return isMade ? this.conversions.of(value, type) : this.object(value, wanted)
  }

  private object (value: object, wanted: Wanted): object {
    const { target, discriminator } = classOf(value, wanted)
    if (!isClass(target)) return value
    // An instance is left alone where nothing is to be checked in it.
    if (value instanceof target && !hasRules(target)) return value
    // The length of a list, or of bytes, would be that which the data names.
    if (!planOf(target).isOfFields) throw new TypeError(`an object is no ${target.name}`)
    return isFieldsObject(value) || value instanceof target ? this.instance(value, target, discriminator) : value
  }

  private collection (value: object, wanted: Wanted, declared: unknown): unknown {
    const before = this.collections.get(value)
    const known = before?.find(each => each.wanted.type === wanted.type && each.wanted.metadata === wanted.metadata)
    if (known !== undefined) return noteShared(known.result)
    const { result, length, itemOf, add } = emptyCollection(value, declared)
    const made = { wanted, result }
    if (before === undefined) this.collections.set(value, [made])
    else before.push(made)
    copyDispatch(value, result)
    let index = 0
    const fill = (): void => {
      const end = ++this.size + CHUNK
      // Those in the first items are filled before the next items are made. Some conversions count as many items.
      const mayBeCut = index + CHUNK < length || (isConverted(wanted.type) && index < length)
      if (mayBeCut) this.open.push({ depth: this.depth, fill })
      for (; index < length && this.size < end; index++, this.size++) add(this.value(itemOf(index), wanted), index)
    }
    this.later(fill)
    return result
  }

  /**
   * The value of a property that has `@ValidateNested()`, such that class-validator finds the rules of its class. An
   * object without known rules, which would pass unchecked, is refused when all are filled.
   */
  private ruled (target: Class<object>, name: string, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    // class-validator refuses a text in place of an object, while it would look for rules in the items of a list only.
    if (isCollection(value) && isSingle(target, name)) return 'a list'
    this.nested.add(target, name, value)
    return value
  }
}

/** A field, and each eight characters of a text. */
const sizeOf = (value: unknown): number => typeof value === 'string' ? 1 + value.length / 8 : 1

/** Deletes what the class declares, and neither it nor the data gives a value. */
function deleteMissing (keys: readonly string[], fields: Record<string, unknown>, data: object): void {
  for (const key of keys) if (fields[key] === undefined && !(key in data)) delete fields[key]
}

/** The class of an object: of the subtypes of `@Type` the one that the object names. */
function classOf (value: object, { type, metadata }: Wanted): { target: unknown, discriminator?: string } {
  const { discriminator, keepDiscriminatorProperty } = metadata.options ?? {}
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

/** Whether the class itself has a getter or a method of this name, which no data may replace. */
function isFixed (instance: object, target: Class<object>, name: string): boolean {
  if (!(name in instance)) return false
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name)
  if (descriptor !== undefined && descriptor.set === undefined && descriptor.get !== undefined) return true
  return descriptor?.get === undefined && typeof propertiesOf(instance)[name] === 'function'
}

function construct<T extends object> (target: Class<T>): T {
  try {
    // Not by `new`, as the compiler knows that the class may be abstract.
    return Reflect.construct(target, [])
  } catch {
    return Object.create(target.prototype)
  }
}
