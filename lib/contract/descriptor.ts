import type { Contract } from './contract'

/** A service of a node as feathers-distributed publishes it, and as `app.on('service')` reports it. */
export interface ServiceDescriptor {
  /** The id of a node that hosts it. */
  readonly uuid: string
  readonly shortUuid: string
  readonly key: string
  readonly path: string
  readonly events: readonly string[]
  readonly methods: readonly string[]
  readonly remoteOptions?: Readonly<Record<string, unknown>>
}

/** Describes a contract of a node as feathers-distributed does. */
export function describe (node: { readonly id: string, readonly key: string }, contract: Contract): ServiceDescriptor {
  const { path, events, methods, remoteOptions } = contract
  return {
    uuid: node.id,
    shortUuid: shortUuid(node.id),
    key: node.key,
    path,
    events,
    methods: methods.map(({ name }) => name),
    ...remoteOptions === undefined ? {} : { remoteOptions }
  }
}

/** The first part of a node's id. */
export function shortUuid (id: string): string {
  return id.split('-')[0] ?? id
}
