import type { Contract } from '../contract/contract'
import { isDistinct, OfferedNames } from './offered-names'

/** The methods and events that several replicas of a service offer together. */
export class OfferedMembers {
  readonly methods = new OfferedNames()
  readonly events = new OfferedNames()

  /** How many names there are. */
  get size (): number {
    return this.methods.size + this.events.size
  }

  /** How many names of a contract no replica offers yet. */
  missing (contract: Contract): number {
    return this.methods.missing(methodNamesOf(contract)) + this.events.missing(contract.events)
  }

  /** One more replica offers what its contract says. */
  add (contract: Contract): void {
    this.methods.add(methodNamesOf(contract))
    this.events.add(contract.events)
  }

  /** One replica less offers it. */
  remove (contract: Contract): void {
    this.methods.remove(methodNamesOf(contract))
    this.events.remove(contract.events)
  }
}

/** The names of lists of methods: nobody changes one, and services of a process that offer the same share theirs. */
const methodNames = new WeakMap<Contract['methods'], readonly string[]>()

/** The names of the methods of a contract; the same list for those that share their methods. */
export function methodNamesOf ({ methods }: Contract): readonly string[] {
  let names = methodNames.get(methods)
  if (names === undefined) {
    names = methods.map(({ name }) => name)
    methodNames.set(methods, names)
  }
  return names
}

/** Whether a contract names a method or an event twice: those that come over a network do not. */
export function hasRepeats (contract: Contract): boolean {
  return !isDistinct(methodNamesOf(contract)) || !isDistinct(contract.events)
}

/** How many names a contract has beyond another one. Neither names any twice. */
export function namesBeyond (known: Contract | undefined, contract: Contract): number {
  const [methods, events] = known === undefined ? [[], []] : [methodNamesOf(known), known.events]
  return countBeyond(methods, methodNamesOf(contract)) + countBeyond(events, contract.events)
}

function countBeyond (known: readonly string[], names: readonly string[]): number {
  if (known === names) return 0
  const before = new Set(known)
  return names.filter(name => !before.has(name)).length
}
