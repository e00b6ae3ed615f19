import type { ExcludeMetadata, ExposeMetadata, TransformMetadata, TypeMetadata } from 'class-transformer'
import { classChain, type Class } from '../decorators/metadata'
import { isNotOfFields } from './data-kinds'
import { transformerRecords, type Records } from './packages/transformer'

/** How an instance of a class is made, by the decorators of class-transformer on it and its bases. */
export class ClassPlan {
  private readonly types: ReadonlyMap<string, TypeMetadata>
  private readonly transforms: ReadonlyMap<string, readonly TransformMetadata[]>
  /** Names of properties by their names in the data. */
  private readonly names = new Map<string, string>()
  /** Properties that are filled whether the data has them or not. */
  private readonly always: readonly string[]
  private readonly left: ReadonlySet<string>
  private readonly takesAll: boolean
  /** Whether an instance is made of fields, and is not a list or one of JavaScript's own objects. */
  readonly isOfFields: boolean
  /** Properties that the class computes, and nobody can set. */
  readonly getters: ReadonlySet<string>
  /** Properties whose values go to code of the class. */
  readonly accessors: ReadonlySet<string>

  constructor (target: Class<object>) {
    const chain = classChain(target)
    const { types, transforms, exposed, excluded } = transformerRecords()
    this.types = nearest(types, chain)
    this.transforms = allTransforms(transforms, chain)
    const exposures = nearest(exposed, chain)
    for (const { propertyName, options } of exposures.values()) {
      if (options?.name !== undefined && propertyName !== undefined) this.names.set(options.name, propertyName)
    }
    const names = [...exposures].filter(([, metadata]) => isForInstances(metadata)).map(([name]) => name)
    this.always = names.map(name => exposures.get(name)?.options?.name ?? name)
    this.left = new Set([
      ...[...nearest(excluded, chain)].filter(([, metadata]) => isForInstances(metadata)).map(([name]) => name),
      ...[...exposures].filter(([, { options }]) => hasGroups(options)).map(([name]) => name),
      '__proto__', 'constructor'
    ])
    // Decorators of a class itself are not inherited.
    const excludesAll = excluded.get(target)?.has(undefined) === true
    const exposesAll = exposed.get(target)?.has(undefined) === true
    this.takesAll = !excludesAll || exposesAll
    this.isOfFields = !isNotOfFields(target)
    const accessors = accessorsOf(target)
    this.getters = new Set([...accessors].filter(([, { set }]) => set === undefined).map(([name]) => name))
    this.accessors = new Set([...accessors].filter(([, { set }]) => set !== undefined).map(([name]) => name))
  }

  /** The names in the given data of all that may be filled from it. */
  keys (data: object): readonly string[] {
    const keys = this.takesAll ? Object.keys(data) : []
    return this.always.length === 0 ? keys : [...new Set([...keys, ...this.always])]
  }

  /** The property that a name in the data stands for; undefined where none is filled from it. */
  nameOf (key: string): string | undefined {
    const name = this.names.get(key) ?? key
    return this.left.has(key) || this.getters.has(name) ? undefined : name
  }

  /** The `@Type` of a property. */
  type (name: string): TypeMetadata | undefined {
    return this.types.get(name)
  }

  /** The class that `@Type` names without data; undefined where its function needs some. */
  typeWithoutData (name: string): unknown {
    try {
      return this.types.get(name)?.typeFunction?.({ newObject: {}, object: {}, property: name })
    } catch {
      return undefined
    }
  }

  /** The functions of `@Transform` on a property, in the order in which they run. */
  transformsOf (name: string): readonly TransformMetadata[] | undefined {
    return this.transforms.get(name)
  }

  /** The properties that have a type. */
  get typed (): string[] {
    return [...this.types.keys()]
  }
}

const plans = new WeakMap<Class<object>, ClassPlan>()

/** The plan of a class, made when it is first used: all decorators have run by then. */
export function planOf (target: Class<object>): ClassPlan {
  let plan = plans.get(target)
  if (plan === undefined) {
    plan = new ClassPlan(target)
    plans.set(target, plan)
  }
  return plan
}

/** The nearest getters and setters by their names, without those of Object. */
function accessorsOf (target: Class<object>): Map<string, PropertyDescriptor> {
  const nearest = new Map<string, PropertyDescriptor>()
  let prototype: unknown = target.prototype
  for (; typeof prototype === 'object' && prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (Object.getPrototypeOf(prototype) === null) break
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (!nearest.has(name)) nearest.set(name, descriptor)
    }
  }
  return new Map([...nearest].filter(([, { get, set }]) => get !== undefined || set !== undefined))
}

/** The nearest record of each property. */
function nearest<T> (records: Records<T>, chain: readonly unknown[]): Map<string, T> {
  const found = new Map<string, T>()
  for (const base of chain) {
    for (const [name, record] of records.get(base) ?? []) {
      if (name !== undefined && !found.has(name)) found.set(name, record)
    }
  }
  return found
}

/** Those of bases before those of the class, and of one property the lowest first. */
function allTransforms (
  records: Records<readonly TransformMetadata[]>, chain: readonly unknown[]
): Map<string, TransformMetadata[]> {
  const found = new Map<string, TransformMetadata[]>()
  for (const base of [...chain].reverse()) {
    for (const [name, list] of records.get(base) ?? []) {
      const wanted = [...list].reverse().filter(metadata => isForInstances(metadata) && !hasGroups(metadata.options))
      if (name !== undefined && wanted.length > 0) found.set(name, [...found.get(name) ?? [], ...wanted])
    }
  }
  return found
}

function isForInstances ({ options }: ExposeMetadata | ExcludeMetadata | TransformMetadata): boolean {
  return options?.toPlainOnly !== true || options.toClassOnly === true
}

/** Instances are made without groups. */
function hasGroups (options: { readonly groups?: readonly string[] } | undefined): boolean {
  return (options?.groups?.length ?? 0) > 0
}
