import { inspect } from 'node:util'
import type { ValidatorOptions } from 'class-validator'

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isNames = (value: unknown): boolean => Array.isArray(value) && value.every(name => typeof name === 'string')
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const RULES: Readonly<Record<keyof ValidatorOptions, (value: unknown) => boolean>> = {
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

/** What is wrong with options of class-validator, which itself passes over a misspelt one in silence. */
export function validationFaults (place: string, options: unknown): string[] {
  if (options === undefined) return []
  if (!isObject(options)) return [`${place}: validation must be an object of class-validator's options, not ${inspect(options)}`]
  return Object.entries(options as object).flatMap(([name, value]) => {
    if (!Object.hasOwn(RULES, name)) {
      return [`${place}: validation has no option '${name}'; class-validator's are: ${Object.keys(RULES).join(', ')}`]
    }
    const isValid = value === undefined || RULES[name as keyof ValidatorOptions](value)
    return isValid ? [] : [`${place}: validation.${name} can't be ${inspect(value)}`]
  })
}

/** Options of a method before those of its class before those of its node; what is forbidden is also looked at. */
export function mergeValidation (...from: ReadonlyArray<ValidatorOptions | undefined>): ValidatorOptions {
  // Data of a class without rules of class-validator is no unknown value: it has been made an instance.
  const merged: ValidatorOptions = Object.assign({ forbidUnknownValues: false }, ...from)
  // Of these two class-validator ignores the one without the other.
  return { ...merged, whitelist: merged.whitelist ?? merged.forbidNonWhitelisted }
}
