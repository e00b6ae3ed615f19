import type { Class } from '../decorators/metadata'
import { planOf } from './class-plan'
import { hasRules, isClass, nestedProperties } from './class-types'
import { loadedModules, twoCopies } from './packages/package-copies'
import { recordsOf, transformerProblem, transformerRecords, type TransformerEntry } from './packages/transformer'

/**
 * Why rules of nested classes would not be checked, or decorators of class-transformer have no effect: one fault for
 * each property. A rule without effect would be worse than none.
 *
 * @param place - where the class is used, for the message
 */
export function nestedFaults (place: string, target: Class<object>): string[] {
  const faults: string[] = []
  // A loop over a set also reaches what is added meanwhile.
  const classes = new Set([target])
  for (const type of classes) {
    const elsewhere = copyThatHas(type)
    if (elsewhere !== undefined) {
      faults.push(`${place}: the decorators of class-transformer on ${type.name} are in a copy of it (${elsewhere}) that ` +
        `feathers-mesh does not see; ${TWO_COPIES()}`)
      continue
    }
    for (const name of nestedProperties(type).keys()) {
      if (!isMade(type, name) || isRuleless(type, name)) faults.push(`${place}: ${untypedFault(type, name)}`)
    }
    for (const nested of classesOf(type)) classes.add(nested)
  }
  return faults
}

/** What is wrong with a property that has `@ValidateNested()` and no class. */
export function untypedFault (target: Class<object>, name: string): string {
  const problem = transformerProblem()
  const said = planOf(target).typeWithoutData(name)
  if (typeof said === 'function') {
    return `${target.name}#${name} has @ValidateNested(), and what @Type says of it, ${said.name}, has no rules of ` +
      'class-validator: give each class that it may be of a rule, or take @ValidateNested() away'
  }
  return `${target.name}#${name} has @ValidateNested(), and no class is known that its rules are in: ` +
    (problem ?? `write @Type(() => TheClass) of class-transformer before it; where that stands already, ${TWO_COPIES()}`)
}

/** Whether decorators of class-transformer say how a property gets its instances. */
function isMade (type: Class<object>, name: string): boolean {
  const plan = planOf(type)
  return plan.type(name) !== undefined || plan.transformsOf(name) !== undefined
}

/** Whether all instances of a property are of one class, and that has no rules that could be kept. */
function isRuleless (type: Class<object>, name: string): boolean {
  const plan = planOf(type)
  if (plan.transformsOf(name) !== undefined || plan.type(name)?.options?.discriminator !== undefined) return false
  const said = plan.typeWithoutData(name)
  return typeof said === 'function' && !hasRules(said)
}

/** The classes that the data of a class is made of. */
function classesOf (type: Class<object>): Array<Class<object>> {
  const plan = planOf(type)
  return plan.typed.flatMap(name => {
    const subTypes: unknown[] = plan.type(name)?.options?.discriminator?.subTypes?.map(({ value }) => value) ?? []
    return [plan.typeWithoutData(name), ...subTypes].filter(hasMetadata)
  })
}

/** Whether nested rules may be in a type. */
function hasMetadata (type: unknown): type is Class<object> {
  return isClass(type) && (hasRules(type) || planOf(type).typed.length > 0)
}

/** The advice about two copies. */
const TWO_COPIES = (): string => twoCopies('class-transformer', '0.5.1')

/** The entries of class-transformer that Node has loaded. */
function loadedEntries (): Array<readonly [file: string, entry: TransformerEntry]> {
  return loadedModules('class-transformer', /cjs[\\/]index\.js$/)
    // It is the public entry of the package that the file is in.
    .map(([file, exported]) => [file, exported as TransformerEntry] as const)
}

/** The file of a copy other than ours that has the decorators of a class. */
function copyThatHas (target: Class<object>): string | undefined {
  const own = transformerRecords()
  const entries = loadedEntries()
  if (entries.length < 2) return undefined
  return entries.find(([, entry]) => {
    const records = recordsOf(entry)
    if (records === undefined || records.types === own.types) return false
    return [records.types, records.transforms, records.exposed, records.excluded].some(found => found.has(target))
  })?.[0]
}
