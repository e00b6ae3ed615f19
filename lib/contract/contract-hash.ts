import type { Contract, MethodContract } from './contract'
import { digest } from '../validation/data-shape'

/**
 * A contract with the hash of what it offers: the same for the same methods, events and shapes of data, in whatever
 * order they stand. Its path, its version and the ways to call it make no difference.
 */
export function withHash (contract: Contract): Contract {
  return { ...contract, hash: hashOf(contract) }
}

function hashOf ({ methods, events }: Contract): string {
  return digest([[...methods].sort(byName).map(signature), [...events].sort()])
}

function signature ({ name, shapes = {} }: MethodContract): unknown {
  return [name, Object.entries(shapes).sort(([a], [b]) => a < b ? -1 : 1)]
}

function byName (a: MethodContract, b: MethodContract): number {
  return a.name < b.name ? -1 : 1
}
