import { methodNamed, type Contract } from '../../../contract/contract'
import { readContract } from '../../../contract/read-contract'
import { isRecord } from '../../../record'

/**
 * The contract of a descriptor that a node of feathers-distributed sent; undefined for anything else. Methods that its
 * responder does not answer are left out: a call would never get a reply.
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
