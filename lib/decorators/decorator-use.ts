import { ConfigurationError } from '../errors'
import { fieldsOf } from '../record'

/**
 * Rejects a decorator that the compiler applied as a standard one (TC39): with a context in place of a name. Those
 * decorate no parameters, and leave no types.
 *
 * @param applied - what a decorator was called with
 */
export function throwIfStandard (decorator: string, applied: readonly unknown[]): void {
  const { kind, name } = fieldsOf(applied[1])
  if (kind === undefined) return
  throw new ConfigurationError([
    `@${decorator} on the ${String(kind)} ${String(name)} was applied as a standard decorator, and feathers-mesh needs ` +
    '`experimentalDecorators: true` (and `emitDecoratorMetadata: true`) in the compilerOptions of tsconfig.json. ' +
    'tsc, tsx, esbuild and vitest read it there: tsx in the folder that it is started in, or where --tsconfig says, ' +
    'esbuild and vitest beside the file; for swc they are legacyDecorator and decoratorMetadata in .swcrc'
  ])
}

/**
 * Rejects a decorator without its parentheses: what it decorates then comes in place of its options.
 *
 * @param given - what the decorator was called with
 */
export function throwIfBare (decorator: string, example: string, given: readonly unknown[]): void {
  throwIfStandard(decorator, given)
  const [, name, third] = given
  const isMember = typeof name === 'string' || typeof name === 'symbol' || typeof third === 'number'
  if (isMember) throw new ConfigurationError([`@${decorator} needs its parentheses: write ${example}`])
}
