import { isOwnClass } from '../validation/class-types'
import { copiesOf, twoCopies } from '../validation/packages/package-copies'
import { injectionsOf, type Class } from '../decorators/metadata'
import { ConfigurationError } from '../errors'
import { messageOf } from '../printable'

/** A failure of a container to resolve a token. */
export interface Failure {
  /** The tokens that were being resolved, the innermost last. */
  readonly path: readonly unknown[]
  /** What was thrown for the innermost. */
  readonly error: unknown
}

const UNKNOWN = /^TypeInfo not known for "(.*)"$/
const UNDEFINED = 'Attempted to construct an undefined constructor'
const DISPOSED = 'This container has been disposed'

/** Whether the error is one of tsyringe itself. Others come from constructors and factories of the program. */
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

/** An error of `resolve()`, with advice where tsyringe threw it. Errors of the program stay as they are. */
export function explained (token: unknown, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const reason = error.message.split('\n').at(-1)?.trim() ?? ''
  const [, unknown] = UNKNOWN.exec(reason) ?? []
  if (unknown === undefined) return error
  const native: unknown = Reflect.get(globalThis, unknown)
  const isAsked = typeof token === 'function' && token.name === unknown
  const advice = injectionAdvice({ path: [isAsked ? token : native], error: new Error(reason) })
  const explanation = new ConfigurationError([`${nameOf(token)} can't be built by tsyringe: ${error.message}; ${advice}`])
  explanation.cause = error
  return explanation
}

function nameOf (token: unknown): string {
  return typeof token === 'function' ? token.name : String(token)
}

/** What to do about a failure; undefined where the message of tsyringe says it. */
export function injectionAdvice ({ path, error }: Failure): string | undefined {
  const message = messageOf(error)
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

/** @param owners - the classes whose constructors need the target */
function unknownTypes (target: Class, owners: readonly unknown[]): string {
  const { name } = target
  const { types, tokens, isService } = injectionsOf(target)
  if (types !== undefined || tokens.length > 0) {
    const decorate = `decorate ${name} with @injectable()`
    return areTwo() ? afterCopies(decorate) : `${decorate}; where that is done, ${TWO_COPIES()}`
  }
  const byHand = `write @inject(TheClass) before each parameter of the constructor of ${name}`
  // The class is decorated, so the unknown types are those of its parameters.
  if (isService) return `the compiler left no types for the constructor of ${name} (esbuild and tsx never do): ${byHand}`
  // Where the compiler left types for an owner, it would for this class, and only the decorator is missing.
  const leavesTypes = (owner: unknown): boolean => isOwnClass(owner) && injectionsOf(owner).types !== undefined
  if (owners.some(leavesTypes)) return `decorate ${name} with @injectable()`
  return `decorate ${name} with @injectable(), and ${byHand} where the compiler leaves no types (esbuild and tsx never do)`
}

/** The fault of a service whose parameters would be undefined: no types from the compiler, and not all `@inject()`. */
export function missingInjections (target: Class): string[] {
  const { types, tokens } = injectionsOf(target)
  const missing = [...Array(parametersOf(target)).keys()].filter(index => !tokens.includes(index))
  if (types !== undefined || missing.length === 0) return []
  return [`${target.name} can't be built by tsyringe: the compiler left no types for its constructor (esbuild and tsx ` +
    `never do); write @inject(TheClass) before each parameter: ${missing.map(index => `#${index}`).join(', ')} ` +
    `${missing.length === 1 ? 'has' : 'have'} none`]
}

/** How many parameters the constructor has. A class without a constructor inherits that of its base. */
function parametersOf (target: { readonly length: number }): number {
  const base: unknown = Object.getPrototypeOf(target)
  const isInherited = target.length === 0 && typeof base === 'function' && base !== Function.prototype &&
    !/\bconstructor\s*\(/.test(Function.prototype.toString.call(target))
  return isInherited ? parametersOf(base) : target.length
}

function areTwo (): boolean {
  return copiesOf('tsyringe').length > 1
}

/** Advice that names the two copies of tsyringe first, where there are two: neither knows what the other knows. */
function afterCopies (advice: string): string {
  return areTwo() ? `${TWO_COPIES()}; with one copy, ${advice}` : advice
}

const TWO_COPIES = (): string => twoCopies('tsyringe', '4')
