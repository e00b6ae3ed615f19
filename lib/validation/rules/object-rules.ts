import type { MetadataStorage, ValidationArguments, ValidationError, ValidatorOptions } from 'class-validator'
import type { Class } from '../../decorators/metadata'
import { propertiesOf } from '../../record'
import { isClass } from '../class-types'
import { classValidator, replaceRules } from '../packages/class-validator'
import { isCollection } from '../data-kinds'
import { hasShape, nestedShape } from './nested-shape'
import { PropertyWork, weightOfAll, type KnownSizes } from './property-work'
import type { CheckWork } from './work'

type Rule = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number]

/** Called for each value of a property with `@ValidateNested()` that has the declared shape. */
export type OnNested = (instance: object, property: string, value: unknown) => void

/** The name by which class-validator calls the broken rule. */
export const NESTED = 'nestedValidation'

/** The work of an object without rules. */
const OBJECT_WORK = 4

/** The work of an unknown field: that of deleting it, and that of an error for it. */
const DELETED_WORK = 2
const FORBIDDEN_WORK = 6

/** Stands for `@ValidateNested()`: class-validator itself would follow each of the many paths to an object. */
class NestedRule {}

/** The rules of one class, without those of the classes nested in it. */
export class ObjectRules {
  /** By property, in the order of the decorators. */
  readonly groups: Record<string, Rule[]>
  readonly all: Rule[]
  /** The names of the properties, in their order. */
  readonly names: readonly string[]
  private readonly properties: readonly PropertyWork[]
  /** The work of all rules for values that are short. */
  private readonly weight: number
  /** The work of each field, which may be an unknown one. */
  private readonly ofField: number

  constructor (target: Class<object>, options: ValidatorOptions) {
    const { always = false, strictGroups = false, groups, whitelist, forbidNonWhitelisted } = options
    this.ofField = whitelist !== true ? 0 : forbidNonWhitelisted === true ? FORBIDDEN_WORK : DELETED_WORK
    const storage = classValidator().getMetadataStorage()
    const found = storage.getTargetValidationMetadatas(target, '', always, strictGroups, groups)
    const byName: Record<string, Rule[]> = Object.create(null)
    for (const rule of found) (byName[rule.propertyName] ??= []).push(rule)
    for (const [name, rules] of Object.entries(byName)) byName[name] = withoutNested(target, name, rules)
    this.groups = byName
    this.all = Object.values(byName).flat()
    this.names = Object.keys(byName)
    this.weight = weightOfAll(this.all)
    this.properties = Object.entries(byName).map(([name, rules]) => new PropertyWork(name, rules))
  }

  /** Claims the work of checking an instance. */
  claim (instance: object, work: CheckWork, sizes: KnownSizes): void {
    work.nextObject()
    work.claim(OBJECT_WORK + this.all.length, undefined, OBJECT_WORK + this.weight)
    if (this.ofField > 0) {
      const { length } = Object.keys(instance)
      work.claim(length, undefined, length * this.ofField)
    }
    const fields = propertiesOf(instance)
    for (const property of this.properties) property.claim(fields[property.name], work, sizes)
  }
}

/** The rules of a property, with one of ours last in place of `@ValidateNested()`. */
function withoutNested (target: Class<object>, name: string, rules: readonly Rule[]): Rule[] {
  const { ValidationTypes } = classValidator()
  const nested = rules.find(({ type }) => type === ValidationTypes.NESTED_VALIDATION)
  const others = rules.filter(({ type }) => type !== ValidationTypes.NESTED_VALIDATION)
  if (nested === undefined) return others
  const standIn = Object.assign(Object.create(Object.getPrototypeOf(nested)) as Rule, nested, {
    type: ValidationTypes.CUSTOM_VALIDATION,
    name: NESTED,
    each: false,
    validateIf: undefined,
    constraintCls: NestedRule,
    constraints: [nestedShape(target, name)],
    message: (args: ValidationArguments) => nestedMessage(nested, args)
  })
  return [...others, standIn]
}

/** What class-validator would say, or more where it would say nothing. */
function nestedMessage (rule: Rule, args: ValidationArguments): string {
  const { message } = rule
  if (typeof message === 'function') return message(args)
  const { constraints: [shape], value, property } = args
  const isDefault = message.endsWith('nested property $property must be either object or array')
  return isDefault && shape !== 'object' && typeof value === 'object' && value !== null
    ? `${property} must be a ${shape}`
    : message
}

/** The message for an item that is no instance. */
export function itemMessage (rules: ObjectRules, instance: object, property: string, value: unknown): string {
  const rule = rules.groups[property]?.find(({ constraintCls }) => constraintCls === NestedRule)
  const args = { targetName: instance.constructor.name, property, object: instance, value, constraints: [] }
  const message = typeof rule?.message === 'function' ? rule.message({ ...args, constraints: ['object'] }) : ''
  if (isCollection(value) && message.endsWith(' must be either object or array')) {
    return `each value in nested property ${property} must be an object, and none of them a list`
  }
  return message.replaceAll('$property', property).replaceAll('$target', args.targetName)
}

/** Holds objects that are checked together. */
class Batch {
  constructor (readonly objects: readonly object[]) {}
}

function rulesOfBatch (storage: MetadataStorage): Rule[] {
  const known = storage.getTargetValidationMetadatas(Batch, '', true, false)
  if (known.length > 0) return known
  classValidator().ValidateNested({ each: true })(Batch.prototype, 'objects')
  return storage.getTargetValidationMetadatas(Batch, '', true, false)
}

/** What is wrong with the properties of an object. */
export type ObjectErrors = ReadonlyArray<Pick<ValidationError, 'property' | 'constraints'>>

/** Checks objects by class-validator, each by the rules of its class alone, and tells what is nested in them. */
export class ObjectValidator {
  private readonly storage = classValidator().getMetadataStorage()
  private readonly view = this.viewOf(this.storage)
  private readonly known = new Map<unknown, ObjectRules>()
  private readonly batch = rulesOfBatch(this.storage)
  /** What class-validator has asked for last; undefined until it does. */
  private groups: Record<string, Rule[]> | undefined
  private onNested: OnNested = () => {}

  private constructor (private readonly options: ValidatorOptions) {}

  /** The validator for some options; always the same one. */
  static of (options: ValidatorOptions): ObjectValidator {
    let validator = validators.get(options)
    if (validator === undefined) validators.set(options, validator = new ObjectValidator(options))
    return validator
  }

  /** The rules of the class of an object, as class-validator finds it. They are made when it is first checked. */
  rulesOf ({ constructor }: object): ObjectRules {
    const known = this.known.get(constructor)
    if (known !== undefined) return known
    const rules = new ObjectRules(isClass(constructor) ? constructor : Object, this.options)
    this.known.set(constructor, rules)
    return rules
  }

  /**
   * Checks objects, and tells at once what is nested in them.
   *
   * @param onErrors - called for each object with errors, by its index
   */
  async validate (
    objects: readonly object[], onNested: OnNested, onErrors: (index: number, errors: ObjectErrors) => void
  ): Promise<void> {
    const [batch] = await this.errorsOf(new Batch(objects), onNested)
    for (const { property, children = [] } of batch?.children ?? []) onErrors(Number(property), children)
  }

  private errorsOf (batch: Batch, onNested: OnNested): Promise<ValidationError[]> {
    const before = this.onNested
    this.onNested = onNested
    this.groups = undefined
    // class-validator takes the storage when it starts. It is given back before any rule runs: rules may validate, too.
    replaceRules(this.view)
    try {
      const errors = classValidator().validate(batch, this.options)
      if (this.groups === undefined) throw new Error('this version of class-validator is not known')
      return errors
    } finally {
      this.onNested = before
      replaceRules(this.storage)
    }
  }

  private viewOf (storage: MetadataStorage): MetadataStorage {
    const nested = {
      target: NestedRule,
      name: NESTED,
      async: false,
      instance: { validate: (value: unknown, args?: ValidationArguments) => this.nested(value, args) }
    }
    const view = Object.create(storage) as MetadataStorage
    view.getTargetValidationMetadatas = target => {
      if (target === Batch) {
        replaceRules(storage)
        this.groups = { objects: this.batch }
        return this.batch
      }
      const { all, groups } = this.rulesOf({ constructor: target })
      this.groups = groups
      return all
    }
    // Called right after it, for what it returned.
    view.groupByPropertyName = () => this.groups ?? {}
    view.getTargetValidatorConstraints = target =>
      target === NestedRule ? [nested] : storage.getTargetValidatorConstraints(target)
    return view
  }

  private nested (value: unknown, args: ValidationArguments | undefined): boolean {
    if (value === undefined || args === undefined) return true
    if (!hasShape(value, args.constraints[0])) return false
    this.onNested(args.object, args.property, value)
    return true
  }
}

const validators = new WeakMap<ValidatorOptions, ObjectValidator>()
