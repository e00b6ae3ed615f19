import { isCallableName, isProtectedName } from './callable-name'
import { isShortText, SHAPED, type Contract, type MethodContract, type MethodShapes } from './contract'
import {
  MAX_CONTRACTS_BYTES, MAX_EVENTS, MAX_MEMBER_LENGTH, MAX_METHODS, MAX_OPTIONS_DEPTH, MAX_OPTIONS_LENGTH,
  MAX_PATH_LENGTH, MAX_SERVICES, MAX_SHARED_ITEMS
} from './contract-bounds'
import { contractBytes } from './contract-size'
import { isReservedEvent } from './event-name'
import { JsonTree, ownField, plainFields } from './json-tree'
import { readPolicy } from './method-policy'
import { pathFault, stripSlashes } from './path'
import type { Fields } from '../record'

/**
 * Why something of a contract is left out: it is beyond a bound, or no plain JSON. What a newer release may have added
 * is left out without a word.
 */
export type ContractFault = 'overlongContracts' | 'malformedContracts'

/** Called for each thing that is left out; `what` names it, as the peer does. */
export type OnContractFault = (fault: ContractFault, what: string) => void

/** Reads the contracts of one node, which came over the network. It keeps what fits into the bounds. */
export class ContractReader {
  private readonly tree = new JsonTree()
  private readonly byPath = new Map<string, Contract>()
  private bytes = 0
  private done = 0

  /** @param onFault - called for each thing that is left out */
  constructor (private readonly onFault: OnContractFault = () => {}) {}

  /** The contracts that were read, one for each path. */
  get contracts (): readonly Contract[] {
    return [...this.byPath.values()]
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
    if (contract === undefined || !this.hasRoom(contract)) return undefined
    const { path } = contract
    const before = this.byPath.get(path)
    const merged = before === undefined ? contract : merge(before, contract)
    this.byPath.set(path, merged)
    return merged
  }

  private hasRoom (contract: Contract): boolean {
    this.bytes += contractBytes(contract)
    if (this.byPath.size < MAX_SERVICES && this.bytes <= MAX_CONTRACTS_BYTES) return true
    this.onFault('overlongContracts', `the service '${contract.path}'`)
    return false
  }

  private readWhole (value: unknown): Contract | undefined {
    const fields = this.tree.record(value)
    if (fields === undefined) return this.malformed(value, 'a contract')
    const path = this.readPath(ownField(fields, 'path'))
    const methods = this.readList(fields, 'methods')
    const events = this.readList(fields, 'events')
    if (path === undefined || methods === undefined || events === undefined) return undefined
    const callable = this.readMethods(methods, path)
    if (callable.length === 0) return undefined
    const durable = this.tree.list(ownField(fields, 'durableEvents'), MAX_SHARED_ITEMS)
    const remoteOptions = this.readOptions(ownField(fields, 'remoteOptions'), path)
    return {
      path,
      methods: callable,
      events: this.readEvents(events, path),
      ...durable === undefined ? {} : { durableEvents: this.readEvents(durable, path) },
      ...remoteOptions === undefined ? {} : { remoteOptions },
      ...shortTexts(fields, ['id', 'version', 'hash'])
    }
  }

  private readPath (value: unknown): string | undefined {
    if (typeof value !== 'string') return undefined
    if (value.length > MAX_PATH_LENGTH) {
      this.onFault('overlongContracts', `a path of ${value.length} characters`)
      return undefined
    }
    const path = stripSlashes(value)
    return pathFault(path) === undefined ? path : undefined
  }

  private readList (fields: Fields, name: string): readonly unknown[] | undefined {
    const value = ownField(fields, name)
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
    const fields = plainFields(value)
    if (fields === undefined) return this.malformed(value, `a method of '${path}'`)
    const name = ownField(fields, 'name')
    if (typeof name !== 'string' || this.isTooLong(name, path)) return undefined
    if (!isCallableName(name) || isProtectedName(name)) return undefined
    const policy = readPolicy(fields)
    if (policy === undefined) return undefined
    const shapes = this.readShapes(ownField(fields, 'shapes'))
    return { name, ...policy, ...shapes === undefined ? {} : { shapes } }
  }

  private readShapes (value: unknown): MethodShapes | undefined {
    const fields = plainFields(value)
    if (fields === undefined) return undefined
    const shapes = shortTexts(fields, SHAPED)
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
        this.onFault('overlongContracts', `the remoteOptions of '${path}'`)
        return undefined
      }
      if (length !== undefined) kept.push([name, option])
      else this.onFault('malformedContracts', `the option '${name}' of '${path}'`)
    }
    // fromEntries makes an own field of each name, also of `__proto__`.
    return Object.fromEntries(kept)
  }

  /** The first items of a list: counted as work, and told where there are more. */
  private bounded (list: readonly unknown[], max: number, what: string): readonly unknown[] {
    if (list.length > max) this.onFault('overlongContracts', `${list.length} ${what}`)
    const items = list.length > max ? list.slice(0, max) : list
    this.done += items.length
    return items
  }

  private isTooLong (name: string, path: string): boolean {
    if (name.length <= MAX_MEMBER_LENGTH) return false
    this.onFault('overlongContracts', `a name of ${name.length} characters in '${path}'`)
    return true
  }

  /** Only an object can be meant, and be none that JSON expresses. */
  private malformed (value: unknown, what: string): undefined {
    if (typeof value === 'object' && value !== null) this.onFault('malformedContracts', what)
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
function shortTexts<K extends string> (fields: Fields, names: readonly K[]): { readonly [N in K]?: string } {
  const texts: { [N in K]?: string } = {}
  for (const name of names) {
    const value = ownField(fields, name)
    if (isShortText(value)) texts[name] = value
  }
  return texts
}
