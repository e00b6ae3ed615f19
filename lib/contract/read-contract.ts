import { isCallableName, isProtectedName } from './callable-name'
import { isShortText, SHAPED, type Contract, type MethodContract, type MethodShapes } from './contract'
import {
  MAX_CONTRACTS_BYTES, MAX_EVENTS, MAX_MEMBER_LENGTH, MAX_METHODS, MAX_OPTIONS_DEPTH, MAX_OPTIONS_LENGTH,
  MAX_PATH_LENGTH, MAX_SERVICES, MAX_SHARED_ITEMS
} from './contract-bounds'
import { bytesOfPath, contractBytes, rememberBytes } from './contract-size'
import { isReservedEvent } from './event-name'
import { JsonTree, ownField, type FieldOf } from './json-tree'
import { readPolicy } from './method-policy'
import { pathFault, rememberByPath, stripSlashes } from './path'
import type { Fields } from '../record'

/**
 * Why something of a contract is left out: it is beyond a bound, or no plain JSON. What a newer release may have added
 * is left out without a word.
 */
export type ContractFault = 'overlongContracts' | 'malformedContracts'

/** Called for each thing that is left out; `what` names it, as the peer does. */
export type OnContractFault = (fault: ContractFault, what: string) => void

/** What a contract says of its service beside its path, as it was read without a fault. */
export interface ReadOffer {
  readonly offer: Omit<Contract, 'path'>
  /** The bytes of memory that a contract with it takes, beside its path. */
  readonly bytes: number
  /** How many methods and events were looked at. */
  readonly work: number
}

/** Reads the contracts of one node, which came over the network. It keeps what fits into the bounds. */
export class ContractReader {
  private readonly byPath = new Map<string, Contract>()
  private bytes = 0
  /** Those of the contracts that are kept; undefined since two of them were merged. */
  private keptBytes: number | undefined = 0
  private done = 0
  private told = 0

  /**
   * @param onFault - called for each thing that is left out
   * @param tree - how values are read, as far as what they come from is known
   */
  constructor (private readonly onFault: OnContractFault = () => {}, private readonly tree = new JsonTree()) {}

  /** The contracts that were read, one for each path. */
  get contracts (): readonly Contract[] {
    const contracts = [...this.byPath.values()]
    if (this.keptBytes !== undefined) rememberBytes(contracts, this.keptBytes)
    // A copy: more may be read.
    rememberByPath(contracts, new Map(this.byPath))
    return contracts
  }

  /** The work so far: how many contracts, methods and events were looked at. */
  get work (): number {
    return this.done
  }

  /**
   * Reads a contract; undefined if it has no method that can be called. Methods that can't be read are left out, as a
   * newer node may offer other things, and so are unknown fields.
   */
  read (value: unknown): Contract | undefined {
    this.done++
    const contract = this.readWhole(value)
    return contract === undefined ? undefined : this.keep(contract, contractBytes(contract))
  }

  /** Reads a contract like `read`. Returns what it offers, unless something of it was left out with a word. */
  readNew (value: unknown): ReadOffer | undefined {
    const { told, done } = this
    const contract = this.readWhole(value)
    this.done++
    if (contract === undefined) return undefined
    const bytes = contractBytes(contract)
    this.keep(contract, bytes)
    if (this.told > told) return undefined
    const { path, ...offer } = contract
    return { offer, bytes: bytes - bytesOfPath(path), work: this.done - done - 1 }
  }

  /** Reads a contract of which all but its path was read before. */
  readKnown (givenPath: unknown, { offer, bytes, work }: ReadOffer): void {
    this.done++
    const path = this.readPath(givenPath)
    if (path === undefined) return
    this.done += work
    this.keep({ path, ...offer }, bytes + bytesOfPath(path))
  }

  private keep (contract: Contract, bytes: number): Contract | undefined {
    const { path } = contract
    this.bytes += bytes
    if (this.byPath.size >= MAX_SERVICES || this.bytes > MAX_CONTRACTS_BYTES) {
      this.tell('overlongContracts', `the service '${path}'`)
      return undefined
    }
    const before = this.byPath.get(path)
    const merged = before === undefined ? contract : merge(before, contract)
    if (before !== undefined) this.keptBytes = undefined
    else if (this.keptBytes !== undefined) this.keptBytes += bytes
    this.byPath.set(path, merged)
    return merged
  }

  private readWhole (value: unknown): Contract | undefined {
    const fields = this.tree.record(value)
    if (fields === undefined) return this.malformed(value, 'a contract')
    const path = this.readPath(this.tree.field(fields, 'path'))
    const methods = this.readList(fields, 'methods')
    const events = this.readList(fields, 'events')
    if (path === undefined || methods === undefined || events === undefined) return undefined
    const callable = this.readMethods(methods, path)
    if (callable.length === 0) return undefined
    const durable = this.tree.list(this.tree.field(fields, 'durableEvents'), MAX_SHARED_ITEMS)
    const remoteOptions = this.readOptions(this.tree.field(fields, 'remoteOptions'), path)
    return {
      path,
      methods: callable,
      events: this.readEvents(events, path),
      ...durable === undefined ? {} : { durableEvents: this.readEvents(durable, path) },
      ...remoteOptions === undefined ? {} : { remoteOptions },
      ...shortTexts(fields, this.tree.field, ['id', 'version', 'hash'])
    }
  }

  private readPath (value: unknown): string | undefined {
    if (typeof value !== 'string') return undefined
    if (value.length > MAX_PATH_LENGTH) {
      this.tell('overlongContracts', `a path of ${value.length} characters`)
      return undefined
    }
    const path = stripSlashes(value)
    return pathFault(path) === undefined ? path : undefined
  }

  private readList (fields: Fields, name: string): readonly unknown[] | undefined {
    const value = this.tree.field(fields, name)
    const list = this.tree.list(value, MAX_SHARED_ITEMS)
    return list ?? this.malformed(value, `the list of ${name} of a service`)
  }

  private readMethods (list: readonly unknown[], path: string): MethodContract[] {
    const methods = new Map<string, MethodContract>()
    for (const value of this.bounded(list, MAX_METHODS, `methods of '${path}'`)) {
      const method = this.readMethod(value, path)
      if (method !== undefined && !methods.has(method.name)) methods.set(method.name, method)
    }
    return [...methods.values()]
  }

  private readMethod (value: unknown, path: string): MethodContract | undefined {
    const fields = this.tree.plain(value)
    if (fields === undefined) return this.malformed(value, `a method of '${path}'`)
    const name = this.tree.field(fields, 'name')
    if (typeof name !== 'string' || this.isTooLong(name, path)) return undefined
    if (!isCallableName(name) || isProtectedName(name)) return undefined
    const policy = readPolicy(fields, this.tree.field)
    if (policy === undefined) return undefined
    const shapes = this.readShapes(this.tree.field(fields, 'shapes'))
    return shapes === undefined ? { name, ...policy } : { name, ...policy, shapes }
  }

  private readShapes (value: unknown): MethodShapes | undefined {
    const fields = this.tree.plain(value)
    if (fields === undefined) return undefined
    const shapes = shortTexts(fields, this.tree.field, SHAPED)
    return Object.keys(shapes).length === 0 ? undefined : shapes
  }

  private readEvents (list: readonly unknown[], path: string): string[] {
    const events = new Set<string>()
    for (const name of this.bounded(list, MAX_EVENTS, `events of '${path}'`)) {
      if (typeof name !== 'string' || name === '' || isReservedEvent(name)) continue
      if (!this.isTooLong(name, path)) events.add(name)
    }
    return [...events]
  }

  /** Options that are no plain JSON are left out, and the others stay. */
  private readOptions (value: unknown, path: string): Fields | undefined {
    const fields = this.tree.record(value)
    if (fields === undefined) return this.malformed(value, `the remoteOptions of '${path}'`)
    const names = Object.keys(fields)
    const kept: Array<[string, unknown]> = []
    let left = MAX_OPTIONS_LENGTH
    for (const name of names) {
      const option = ownField(fields, name)
      const length = this.tree.lengthOf(option, left, MAX_OPTIONS_DEPTH)
      left -= name.length + (length ?? 0)
      if (left < 0) {
        this.tell('overlongContracts', `the remoteOptions of '${path}'`)
        return undefined
      }
      if (length !== undefined) kept.push([name, option])
      else this.tell('malformedContracts', `the option '${name}' of '${path}'`)
    }
    // fromEntries makes an own field of each name, also of `__proto__`.
    return Object.fromEntries(kept)
  }

  /** The first items of a list: counted as work, and told where there are more. */
  private bounded (list: readonly unknown[], max: number, what: string): readonly unknown[] {
    if (list.length > max) this.tell('overlongContracts', `${list.length} ${what}`)
    const items = list.length > max ? list.slice(0, max) : list
    this.done += items.length
    return items
  }

  private isTooLong (name: string, path: string): boolean {
    if (name.length <= MAX_MEMBER_LENGTH) return false
    this.tell('overlongContracts', `a name of ${name.length} characters in '${path}'`)
    return true
  }

  private tell (fault: ContractFault, what: string): void {
    this.told++
    this.onFault(fault, what)
  }

  /** Only an object can be meant, and be none that JSON expresses. */
  private malformed (value: unknown, what: string): undefined {
    if (typeof value === 'object' && value !== null) this.tell('malformedContracts', what)
  }
}

/** Reads one contract of a node. */
export function readContract (value: unknown, onFault?: OnContractFault): Contract | undefined {
  return new ContractReader(onFault).read(value)
}

/** Two contracts that a node gives for one path: what both offer, as the first one says. */
function merge (first: Contract, second: Contract): Contract {
  const names = new Set(first.methods.map(({ name }) => name))
  return {
    ...first,
    methods: [...first.methods, ...second.methods.filter(({ name }) => !names.has(name))].slice(0, MAX_METHODS),
    events: [...new Set([...first.events, ...second.events])].slice(0, MAX_EVENTS)
  }
}

/** Those of some fields that hold a short text. */
function shortTexts<K extends string> (
  fields: Fields, fieldOf: FieldOf, names: readonly K[]
): { readonly [N in K]?: string } {
  const texts: { [N in K]?: string } = {}
  for (const name of names) {
    const value = fieldOf(fields, name)
    if (isShortText(value)) texts[name] = value
  }
  return texts
}
