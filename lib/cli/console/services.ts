import type { Contract } from '../../contract/contract'
import type { ObservedNode } from '../../inspection/observer/observer'

/** A contract, and the names of the nodes that have it. */
export interface ShownService extends Pick<Contract, 'path' | 'version' | 'methods' | 'events'> {
  readonly nodes: readonly string[]
}

/** The services of a mesh: one for each path, or several where replicas differ. */
export function servicesOf (nodes: readonly ObservedNode[]): ShownService[] {
  const shown = new Map<string, ShownService>()
  for (const { name, id, contracts } of nodes) {
    for (const { path, version, methods, events } of contracts) {
      const contract = { path, ...version === undefined ? {} : { version }, methods, events }
      const text = JSON.stringify(contract)
      shown.set(text, { ...contract, nodes: [...shown.get(text)?.nodes ?? [], name ?? id].sort() })
    }
  }
  return [...shown.values()].sort((a, b) => a.path < b.path ? -1 : Number(a.path > b.path))
}
