import { TransformationType } from 'class-transformer'
import type { Class } from '../decorators/metadata'
import { copyDispatch } from './dispatch'
import { hasRules, isNested, isNestedEach, isOwnClass } from './class-types'
import { defaultMetadataStorage, TransformOperationExecutor } from './transformer-parts'

/** What class-transformer makes of a value by itself where `@Type` asks for it. */
const CONVERTED: readonly unknown[] = [String, Number, Boolean, Date, Buffer]

/** The executor lets it be left out, which its types don't say. */
const NO_LIST = undefined as unknown as ListType

type Fields = Record<string, unknown>
type Transform = InstanceType<typeof TransformOperationExecutor>['transform']
type Type = Parameters<Transform>[2]
type ListType = Parameters<Transform>[3]

/**
 * Makes an instance of a class from a plain object, by the decorators of class-transformer: `@Type`, `@Transform`,
 * `@Expose`, `@Exclude`. It differs from `plainToInstance` in that
 * - a value that no decorator gives a type stays what it is: Map, URL, typed arrays and all other objects, too, which
 *   `plainToInstance` copies by their keys;
 * - a property that the data has not is not there, unless the class gives it a value;
 * - data that refers to itself gives instances that refer to themselves;
 * - a class whose constructor wants more than nothing has its constructor left out.
 */
export function instantiate<T extends object> (type: Class<T>, data: object): T {
  // The executor has no type of its own for what it makes: it is an instance of the type that it is asked for.
  return new Instantiation().transform(undefined, data, type, undefined, false) as T
}

class Instantiation extends TransformOperationExecutor {
  private readonly made = new Map<object, object>()
  /** The lists whose items are being made. */
  private readonly open = new Set<object>()

  constructor () {
    super(TransformationType.PLAIN_TO_CLASS, { exposeUnsetFields: true })
  }

  // As the executor has it.
  // eslint-disable-next-line @typescript-eslint/max-params
  override transform (
    _source: unknown, value: unknown, type: Type | undefined, listType = NO_LIST, isMap = false, level = 0
  ): unknown {
    if (type === undefined) return value
    const byDefault = (): unknown => super.transform(undefined, value, type, listType, isMap, level)
    if (typeof value !== 'object' || value === null) return byDefault()
    if (isMap || isCollection(value)) return copyDispatch(value, this.collection(value, type, byDefault))
    const target = type as Class<object>
    if (CONVERTED.includes(type)) return value instanceof target ? value : byDefault()
    return this.instance(value, target, level)
  }

  private collection (value: object, type: Type, byDefault: () => unknown): unknown {
    if (this.open.has(value)) return value
    this.open.add(value)
    try {
      // The executor would make a list of a set, and an empty map of a map.
      if (value instanceof Set) return new Set([...value].map(item => this.item(item, type)))
      if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, this.item(item, type)]))
      return byDefault()
    } finally {
      this.open.delete(value)
    }
  }

  private item (item: unknown, type: Type): unknown {
    return this.transform(undefined, item, type, undefined, false, 1)
  }

  private instance (value: object, target: Class<object>, level: number): object {
    if (level > 0 && value instanceof target && !hasRules(target)) return value
    const before = this.made.get(value)
    if (before instanceof target) return before
    const instance = construct(target)
    this.made.set(value, instance)
    copyDispatch(value, instance)
    super.transform(instance, fitting(value, target), target, NO_LIST, false, level)
    for (const key of Object.keys(instance)) {
      if ((instance as Fields)[key] === undefined && !(key in value)) delete (instance as Fields)[key]
    }
    return instance
  }
}

/** Whether something is made of others: rules would be looked for in those, or nowhere. */
export function isCollection (value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map
}

/** The data without what the class can't take; the data itself where it can take all. */
function fitting (value: object, target: Class<object>): object {
  const entries = Object.entries(value)
  // What a class computes by itself can't be set; some services send it all the same.
  const settable = entries.filter(([key]) => !isGetter(target.prototype as object, key))
  const isEvading = ([key, item]: [string, unknown]): boolean => isCollection(item) && isSingle(target, key)
  if (settable.length === entries.length && !entries.some(isEvading)) return value
  // class-validator refuses a text in place of an object, while it would look for rules in the items of the list only.
  return Object.fromEntries(settable.map(entry => isEvading(entry) ? [entry[0], 'a list'] : entry))
}

/** Whether a property is declared as one instance of a class, whose rules are to be kept. */
function isSingle (target: Class<object>, key: string): boolean {
  if (!isNested(target, key)) return false
  const declared: unknown = defaultMetadataStorage.findTypeMetadata(target, key)?.reflectedType
  // A union, be it with null only, is an Object to the compiler: then `each` tells a list.
  return declared === undefined || declared === Object ? !isNestedEach(target, key) : isOwnClass(declared)
}

function isGetter (prototype: object | null, key: string): boolean {
  if (prototype === null) return false
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key)
  if (descriptor === undefined) return isGetter(Object.getPrototypeOf(prototype) as object | null, key)
  return descriptor.get !== undefined && descriptor.set === undefined
}

function construct (target: Class<object>): object {
  try {
    // An abstract class has no other kind of constructor at run time.
    return new (target as unknown as new () => object)()
  } catch {
    return Object.create(target.prototype as object) as object
  }
}
