import type { Contract } from '../contract/contract'

/** A node of the mesh other than this one, and what it hosts. */
export interface MeshNode {
  readonly id: string
  /** What people call the node; undefined where it does not say. */
  readonly name?: string
  /** The partition of the node: feathers-distributed's `key`. */
  readonly key: string
  readonly contracts: readonly Contract[]
}

/** One node as the host of one service. */
export interface Host {
  readonly node: MeshNode
  readonly contract: Contract
}
