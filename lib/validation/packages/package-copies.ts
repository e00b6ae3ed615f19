import { createRequire } from 'node:module'

/** The modules of a package that Node has loaded: their files, with what they export. */
export function loadedModules (name: string, file: RegExp): Array<readonly [file: string, exported: unknown]> {
  // One list for all modules of the process; those in a bundle are missing.
  const { cache } = createRequire(`${process.cwd()}/`)
  return Object.entries(cache)
    .filter(([path]) => rootOf(path, name) !== undefined && file.test(path))
    .flatMap(([path, module]) => module?.exports === undefined ? [] : [[path, module.exports] as const])
}

/** The folders of the copies of a package that Node has loaded. */
export function copiesOf (name: string): string[] {
  return [...new Set(loadedModules(name, /\.c?js$/).map(([path]) => rootOf(path, name) ?? path))]
}

function rootOf (path: string, name: string): string | undefined {
  const inside = [`/node_modules/${name}/`, `\\node_modules\\${name}\\`].find(part => path.includes(part))
  return inside === undefined ? undefined : path.slice(0, path.lastIndexOf(inside) + inside.length - 1)
}

/**
 * Explains that there are two copies of a package, where they are as far as Node knows, and how to reduce them to one.
 *
 * @param range - the versions that work
 */
export function twoCopies (name: string, range: string): string {
  const copies = copiesOf(name)
  const where = copies.length > 1 ? ` (${copies.join(' and ')})` : ''
  return `there are two copies of ${name}${where}: npm install ${name}@${range}, then npm dedupe, leaves one (npm ls ` +
    `${name} shows them); into a bundle go both feathers-mesh and ${name}, or neither of them (--external:${name})`
}
