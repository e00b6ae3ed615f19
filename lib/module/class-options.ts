import { types } from 'node:util'
import { classTypeFaults } from '../class-contract/class-type-faults'
import type { ClassDefinition } from '../class-contract/from-class'
import { strictFaults } from '../class-contract/unchecked-data'
import { getServiceOptions, type Class } from '../decorators/metadata'
import type { ResolvedModule } from '../options/resolve-module'
import { fieldsOf } from '../record'

/** Objects among the classes to host: a class is to be built here, with what it injects. */
export function instanceFaults (options: unknown): string[] {
  const services = servicesOf(options)
  if (types.isProxy(services) || !Array.isArray(services)) return []
  return services.flatMap((service: unknown, index) => {
    if (typeof service !== 'object' || service === null) return []
    // One that throws whatever is asked of it is no instance of a class.
    const constructor = types.isProxy(service) ? undefined : fieldsOf(service).constructor
    // An object may have no class, as one of a configuration has; the rules of options say what is wrong with it.
    if (typeof constructor !== 'function') return []
    const { name } = constructor
    const register = `; to host this very object, container.registerInstance(${name}, object) before`
    return [`option 'services' has an instance of ${name} (services[${index}]); give the class: ${name}` +
      (getServiceOptions(constructor as Class) === undefined ? '' : register)]
  })
}

/** What is given as services. Where it can't be read, the check of the options says so. */
function servicesOf (options: unknown): unknown {
  try {
    return fieldsOf(options).services
  } catch {
    return undefined
  }
}

/** What is wrong with the classes of values, of services that are hosted here and of those that are called. */
export function classFaults (
  definitions: ReadonlyMap<Class, ClassDefinition>, { remotes = [], strictValidation }: ResolvedModule['options']
): string[] {
  const hosted = [...definitions].filter(([, { faults }]) => faults.length === 0)
  const called = remotes.filter(remote => typeof remote === 'function' && !definitions.has(remote))
  return [
    ...hosted.flatMap(([target]) => classTypeFaults(target)),
    ...called.flatMap(target => classTypeFaults(target as Class)),
    ...strictValidation ? hosted.flatMap(([target, { methods }]) => strictFaults(target, methods)) : []
  ]
}
