import { methodNamed, readContract, type Contract } from '../../../contract/contract'
import { isRecord } from '../../../record'

/**
 * The contract of a descriptor that came over the wire; undefined if it is none. A method that the old node's
 * responder does not listen for is left out: a call to it would never be answered.
 */
export function fromDescriptor (value: unknown, answered: readonly string[]): Contract | undefined {
  if (!isRecord(value)) return undefined
  const { path, methods, events, remoteOptions } = value
  return readContract({
    path,
    methods: names(methods)
      .filter(name => answered.includes(name))
      .map(methodNamed),
    events: names(events),
    ...isRecord(remoteOptions) ? { remoteOptions } : {}
  })
}

function names (value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string' && name !== '') : []
}
