import { ConfigurationError } from '../errors'

/**
 * Refuses a decorator that the compiler applied as a standard one (TC39): with a context in place of a name. Those
 * decorate no parameters, and leave no types.
 *
 * @param applied - what a decorator was called with
 */
export function refuseStandard (decorator: string, applied: readonly unknown[]): void {
  const context = applied[1]
  if (typeof context !== 'object' || context === null || !('kind' in context)) return
  const { kind, name } = context as { kind: unknown, name?: unknown }
  throw new ConfigurationError([
    `@${decorator} on the ${String(kind)} ${String(name)} was applied as a standard decorator, and feathers-mesh needs ` +
    '`experimentalDecorators: true` (and `emitDecoratorMetadata: true`) in the compilerOptions of tsconfig.json. ' +
    'tsc, tsx, esbuild and vitest read it there: tsx in the folder that it is started in, or where --tsconfig says, ' +
    'esbuild and vitest beside the file; for swc they are legacyDecorator and decoratorMetadata in .swcrc'
  ])
}

/**
 * Refuses a decorator without its parentheses: what it is to decorate comes in place of its options.
 *
 * @param given - what stands in the parentheses, as far as anything does
 */
export function refuseBare (decorator: string, example: string, given: readonly unknown[]): void {
  refuseStandard(decorator, given)
  const [, name, third] = given
  const isMember = typeof name === 'string' || typeof name === 'symbol' || typeof third === 'number'
  if (isMember) throw new ConfigurationError([`@${decorator} needs its parentheses: write ${example}`])
}
