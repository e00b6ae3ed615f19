import { isOwnClass } from '../validation/class-types'
import { copiesOf, twoCopies } from '../validation/package-copies'
import type { Class } from '../decorators/metadata'
import { injectionsOf } from '../decorators/metadata'
import { ConfigurationError } from '../errors'

/** Something that a container could not give. */
export interface Failure {
  /** What was asked for, the innermost thing last. */
  readonly path: readonly unknown[]
  /** What was thrown there. */
  readonly error: unknown
}

const UNKNOWN = /^TypeInfo not known for "(.*)"$/
const UNDEFINED = 'Attempted to construct an undefined constructor'
const DISPOSED = 'This container has been disposed'

/** Whether tsyringe itself could not go on; all else comes from the program, from a constructor or a factory. */
export function isOfTsyringe ({ path, error }: Failure): boolean {
  if (!(error instanceof Error)) return false
  const { message } = error
  const token = path.at(-1)
  if (message.startsWith(UNDEFINED)) return token === undefined
  if (message.startsWith(DISPOSED)) return true
  const [, unknown] = UNKNOWN.exec(message) ?? []
  if (unknown !== undefined) return typeof token !== 'function' || token.name === unknown
  return message === `Attempted to resolve unregistered dependency token: "${String(token)}"`
}

/** An error of `resolve()` with what to do about it; one of the program stays as it is. */
export function explained (token: unknown, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const reason = error.message.split('\n').at(-1)?.trim() ?? ''
  const [, unknown] = UNKNOWN.exec(reason) ?? []
  if (unknown === undefined) return error
  const native: unknown = (globalThis as Record<string, unknown>)[unknown]
  const isAsked = typeof token === 'function' && token.name === unknown
  const advice = injectionAdvice({ path: [isAsked ? token : native], error: new Error(reason) })
  const explanation = new ConfigurationError([`${nameOf(token)} can't be built by tsyringe: ${error.message}; ${advice}`])
  explanation.cause = error
  return explanation
}

function nameOf (token: unknown): string {
  return typeof token === 'function' ? token.name : String(token)
}

/** What to do about something that tsyringe could not give; undefined where its own words do. */
export function injectionAdvice ({ path, error }: Failure): string | undefined {
  const message = error instanceof Error ? error.message : String(error)
  const token = path.at(-1)
  if (message.startsWith('Attempted to resolve unregistered')) {
    return afterCopies('register what its constructor needs in the container')
  }
  if (message.startsWith(UNDEFINED)) {
    return 'a class that is undefined is often one whose file imports this one: write @inject(delay(() => TheClass))'
  }
  if (!UNKNOWN.test(message)) return undefined
  if (typeof token !== 'function') return unknownClass()
  return isOwnClass(token) ? unknownTypes(token, path.slice(0, -1)) : NO_CLASS
}

const NO_CLASS = 'an interface has no class at run time, nor has a union, a primitive type or a class of an import ' +
  "type: write @inject('token') before the parameter and register the token in the container, or " +
  "@InjectRemote('path') for a service of the mesh"

function unknownClass (): string {
  return afterCopies('decorate it with @injectable()')
}

/** @param owners - the classes whose constructors want it */
function unknownTypes (target: Class, owners: readonly unknown[]): string {
  const { name } = target
  const { types, tokens, isService } = injectionsOf(target)
  if (types !== undefined || tokens.length > 0) {
    const decorate = `decorate ${name} with @injectable()`
    return areTwo() ? afterCopies(decorate) : `${decorate}; where that is done, ${TWO_COPIES()}`
  }
  const byHand = `write @inject(TheClass) before each parameter of the constructor of ${name}`
  // It is decorated for sure: what is unknown of it are its parameters.
  if (isService) return `the compiler left no types for the constructor of ${name} (esbuild and tsx never do): ${byHand}`
  // Where the compiler left them for others, only the decorator is missing.
  const leavesTypes = (owner: unknown): boolean =>
    typeof owner === 'function' && injectionsOf(owner as Class).types !== undefined
  if (owners.some(leavesTypes)) return `decorate ${name} with @injectable()`
  return `decorate ${name} with @injectable(), and ${byHand} where the compiler leaves no types (esbuild and tsx never do)`
}

/** The parameters of a service that would be undefined: the compiler left no types, and not all have `@inject()`. */
export function missingInjections (target: Class): string[] {
  const { types, tokens } = injectionsOf(target)
  const missing = [...Array(parametersOf(target)).keys()].filter(index => !tokens.includes(index))
  if (types !== undefined || missing.length === 0) return []
  return [`${target.name} can't be built by tsyringe: the compiler left no types for its constructor (esbuild and tsx ` +
    `never do); write @inject(TheClass) before each parameter: ${missing.map(index => `#${index}`).join(', ')} ` +
    `${missing.length === 1 ? 'has' : 'have'} none`]
}

/** How many parameters the constructor has; a class without one has that of its base. */
function parametersOf (target: Class): number {
  const base: unknown = Object.getPrototypeOf(target)
  const isInherited = target.length === 0 && typeof base === 'function' && base !== Function.prototype &&
    !/\bconstructor\s*\(/.test(Function.prototype.toString.call(target))
  return isInherited ? parametersOf(base as Class) : target.length
}

function areTwo (): boolean {
  return copiesOf('tsyringe').length > 1
}

/** What to do, behind the copies where they are known to be two: what one of them knows, the other does not. */
function afterCopies (advice: string): string {
  return areTwo() ? `${TWO_COPIES()}; with one copy, ${advice}` : advice
}

const TWO_COPIES = (): string => twoCopies('tsyringe', '4')
