import { createRequire } from 'node:module'

/** What Node has loaded of a package: the file of each module, with what it exports. */
export function loadedModules (name: string, file: RegExp): Array<readonly [file: string, exported: unknown]> {
  // One list for all modules of the process; what is part of a bundle is not in it.
  const { cache } = createRequire(`${process.cwd()}/`)
  return Object.entries(cache)
    .filter(([path]) => rootOf(path, name) !== undefined && file.test(path))
    .flatMap(([path, module]) => module?.exports === undefined ? [] : [[path, module.exports] as const])
}

/** Where the copies of a package are that Node has loaded. */
export function copiesOf (name: string): string[] {
  return [...new Set(loadedModules(name, /\.c?js$/).map(([path]) => rootOf(path, name) ?? path))]
}

function rootOf (path: string, name: string): string | undefined {
  const inside = [`/node_modules/${name}/`, `\\node_modules\\${name}\\`].find(part => path.includes(part))
  return inside === undefined ? undefined : path.slice(0, path.lastIndexOf(inside) + inside.length - 1)
}

/**
 * Says that a package is there twice, where its copies are as far as Node knows, and how to get down to one.
 *
 * @param range - the versions that do
 */
export function twoCopies (name: string, range: string): string {
  const copies = copiesOf(name)
  const where = copies.length > 1 ? ` (${copies.join(' and ')})` : ''
  return `there are two copies of ${name}${where}: npm install ${name}@${range}, then npm dedupe, leaves one (npm ls ` +
    `${name} shows them); into a bundle go both feathers-mesh and ${name}, or neither of them (--external:${name})`
}
