import type * as ClassValidator from 'class-validator'
import type { MetadataStorage } from 'class-validator'

/** Where class-validator keeps its rules, in whatever copy of it: each of them looks there first. */
const STORAGE = 'classValidatorMetadataStorage'

/** The rules of all classes; undefined while no class of the program has any. */
export function declaredRules (): MetadataStorage | undefined {
  // class-validator puts it there, and nobody else: that is its type.
  return Reflect.get(globalThis, STORAGE) as MetadataStorage | undefined
}

/** Has class-validator find its rules elsewhere. */
export function replaceRules (rules: MetadataStorage): void {
  Reflect.set(globalThis, STORAGE, rules)
}

let loaded: typeof ClassValidator | undefined

/** Its 300 modules take a third of the time in which a process starts, and a program without rules needs none. */
export function classValidator (): typeof ClassValidator {
  // Each check asks for it, and `require` takes a while even for what is loaded.
  return loaded ??= requireClassValidator()
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireClassValidator (): typeof ClassValidator {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('class-validator')
}
