import { inspect } from 'node:util'
import type { ValidatorOptions } from 'class-validator'

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isNames = (value: unknown): boolean => Array.isArray(value) && value.every(name => typeof name === 'string')
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

type Rule = (value: unknown) => boolean

const RULES: Readonly<Record<keyof ValidatorOptions, Rule>> = {
  enableDebugMessages: isFlag,
  skipUndefinedProperties: isFlag,
  skipNullProperties: isFlag,
  skipMissingProperties: isFlag,
  whitelist: isFlag,
  forbidNonWhitelisted: isFlag,
  groups: isNames,
  always: isFlag,
  strictGroups: isFlag,
  dismissDefaultMessages: isFlag,
  validationError: isObject,
  forbidUnknownValues: isFlag,
  stopAtFirstError: isFlag
}

const RULES_BY_NAME: ReadonlyMap<string, Rule> = new Map(Object.entries(RULES))

/** What is wrong with options of class-validator, which itself ignores a misspelt one. */
export function validationFaults (place: string, options: unknown): string[] {
  if (options === undefined) return []
  if (!isObject(options)) return [`${place}: validation must be an object of class-validator's options, not ${inspect(options)}`]
  return Object.entries(options).flatMap(([name, value]) => {
    const isValid = RULES_BY_NAME.get(name)
    if (isValid === undefined) {
      return [`${place}: validation has no option '${name}'; class-validator's are: ${Object.keys(RULES).join(', ')}`]
    }
    return value === undefined || isValid(value) ? [] : [`${place}: validation.${name} can't be ${inspect(value)}`]
  })
}

/** Merges options of class-validator; later ones take precedence: those of a node, its class, its method. */
export function mergeValidation (...from: ReadonlyArray<ValidatorOptions | undefined>): ValidatorOptions {
  // Data of a class without rules of class-validator is no unknown value: it has been made an instance.
  const merged: ValidatorOptions = Object.assign({ forbidUnknownValues: false }, ...from)
  // Of these two class-validator ignores the one without the other.
  return { ...merged, whitelist: merged.whitelist ?? merged.forbidNonWhitelisted }
}
