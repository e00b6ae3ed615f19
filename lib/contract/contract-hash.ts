import { createHash } from 'node:crypto'
import type { Contract, MethodContract } from './contract'

/** SHA-256 in base64url. */
const LIST_HASH = /^[\w-]{43}$/

/** Whether a value can be the hash of a list of contracts, as hellos tell it. */
export function isListHash (value: unknown): value is string {
  return typeof value === 'string' && LIST_HASH.test(value)
}

/**
 * A contract with the hash of what it offers: the same for the same methods, events and shapes of data, whatever their
 * order. Its path, its version and the policies of its methods make no difference.
 */
export function withHash (contract: Contract): Contract {
  return { ...contract, hash: hashOf(contract) }
}

/** A short text that is the same, in every process, for values that JSON writes the same way. */
export function digest (value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
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
