import type { Contract, MethodContract } from './contract'

/** What objects take beside their texts: measured, and rounded up. */
const CONTRACT_BYTES = 300
const METHOD_BYTES = 150
const EVENT_BYTES = 40
/** A character takes two bytes where it is not Latin. */
const CHARACTER_BYTES = 2
/** An empty object takes three characters of JSON, and about ten times as many bytes. */
const OPTIONS_CHARACTER_BYTES = 10

/** The bytes of memory that a contract takes, estimated: its size counts against the bounds of its node and of all. */
export function contractBytes (contract: Contract): number {
  return bytesOfPath(contract.path) + bytesOfOffer(contract)
}

/** Those of its path. */
export function bytesOfPath (path: string): number {
  return CHARACTER_BYTES * path.length
}

/** Those of all but its path. */
export function bytesOfOffer ({ methods, events, durableEvents, remoteOptions }: Omit<Contract, 'path'>): number {
  let bytes = CONTRACT_BYTES
  for (const method of methods) bytes += methodBytes(method)
  for (const event of events) bytes += EVENT_BYTES + CHARACTER_BYTES * event.length
  for (const event of durableEvents ?? []) bytes += EVENT_BYTES + CHARACTER_BYTES * event.length
  return remoteOptions === undefined ? bytes : bytes + OPTIONS_CHARACTER_BYTES * JSON.stringify(remoteOptions).length
}

/** Nobody changes a list of contracts that was read, and several bounds count it, for each node that offers it. */
const bytesOf = new WeakMap<readonly Contract[], number>()

/** The bytes of all contracts of a node. */
export function bytesOfAll (contracts: readonly Contract[]): number {
  if (contracts.length === 0) return 0
  let bytes = bytesOf.get(contracts)
  if (bytes === undefined) {
    bytes = contracts.reduce((sum, contract) => sum + contractBytes(contract), 0)
    bytesOf.set(contracts, bytes)
  }
  return bytes
}

/** The bytes of contracts that were counted while they were read. */
export function rememberBytes (contracts: readonly Contract[], bytes: number): void {
  bytesOf.set(contracts, bytes)
}

function methodBytes ({ name, shapes }: MethodContract): number {
  const bytes = METHOD_BYTES + CHARACTER_BYTES * name.length
  if (shapes === undefined) return bytes
  const texts: readonly string[] = Object.values(shapes)
  return texts.reduce((sum, text) => sum + CHARACTER_BYTES * text.length, bytes + METHOD_BYTES)
}
