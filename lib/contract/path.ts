import type { Contract } from './contract'

const OF_EVERY_OBJECT: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

/** A path as Feathers keys it: no slash at either end. */
export function stripSlashes (path: string): string {
  // Almost no path has any, and each service of each node is asked for its own.
  return path.startsWith('/') || path.endsWith('/') ? path.replace(/^\/+|\/+$/g, '') : path
}

/**
 * Why no service can be on the mesh at a path, as the end of a sentence; undefined for a good path. Every peer keys
 * objects by paths.
 *
 * @param path - without slashes at its ends
 */
export function pathFault (path: string): string | undefined {
  if (path === '') return 'the root of an app has no name on the mesh'
  for (let from = 0; ;) {
    const to = path.indexOf('/', from)
    const part = to === -1 ? path.slice(from) : path.slice(from, to)
    if (part === '') return 'a part of it is empty'
    if (OF_EVERY_OBJECT.has(part)) return `every object has something that is called '${part}'`
    if (to === -1) return undefined
    from = to + 1
  }
}

/**
 * Whether a path begins with what Feathers and its adapters take for a placeholder: a service there answers requests
 * for any path of as many parts.
 *
 * @param path - without slashes at its ends
 */
export function beginsWithPlaceholder (path: string): boolean {
  const end = path.indexOf('/')
  return isPlaceholder(end === -1 ? path : path.slice(0, end))
}

/**
 * Whether a service would take a request from another one: for all of that, or for what has an id there. A router
 * prefers a plain part to a placeholder, and of two placeholders the one that it got first.
 *
 * @param path - the parts of its path
 * @param other - those of the other one
 */
export function answersFor (path: readonly string[], other: readonly string[], ignoresCase: boolean): boolean {
  const length = Math.max(path.length, other.length)
  if (length - Math.min(path.length, other.length) > 1) return false
  let isFirst: boolean | undefined
  for (let n = 0; n < length; n++) {
    // Each service takes ids behind its path.
    const part = path[n] ?? ID
    const ofOther = other[n] ?? ID
    const [isOpen, isOtherOpen] = [isPlaceholder(part), isPlaceholder(ofOther)]
    if (isOpen || isOtherOpen) {
      if (part !== ofOther) isFirst ??= !isOpen || isOtherOpen
    } else if (!isSame(part, ofOther, ignoresCase)) {
      return false
    }
  }
  return isFirst ?? true
}

function isSame (part: string, other: string, ignoresCase: boolean): boolean {
  return part === other || (ignoresCase && part.toLowerCase() === other.toLowerCase())
}

/** What stands for the id of a record. */
const ID = ':id'

/** Whether a part of a path stands for any text. */
export function isPlaceholder (part: string): boolean {
  return part.startsWith(':') || part.includes('*')
}

/** Contracts by the paths that Feathers keys their services by. */
export type ContractsByPath = ReadonlyMap<string, Contract>

/** Those of lists that nobody can change, or that were read: many nodes may offer the same one. */
const known = new WeakMap<readonly Contract[], ContractsByPath>()

/** Those contracts of a node that a service can be at the path of. Of two at one path, the last one counts. */
export function byPathOf (contracts: readonly Contract[]): ContractsByPath {
  let found = known.get(contracts)
  if (found === undefined) {
    found = byPath(contracts)
    if (Object.isFrozen(contracts)) known.set(contracts, found)
  }
  return found
}

/** The contracts that were sorted while they were read. */
export function rememberByPath (contracts: readonly Contract[], sorted: ContractsByPath): void {
  known.set(contracts, sorted)
}

function byPath (contracts: readonly Contract[]): ContractsByPath {
  const found = new Map<string, Contract>()
  for (const contract of contracts) {
    const path = stripSlashes(contract.path)
    if (pathFault(path) === undefined) found.set(path, contract)
  }
  return found
}
