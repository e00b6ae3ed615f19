import type { Contract, MethodContract } from '../contract/contract'
import { nodeTitle, type NamedNode } from '../printable'

/** A node of the mesh other than this one, and what it hosts. */
export interface MeshNode {
  readonly id: string
  /** What people call the node; undefined where it does not say. */
  readonly name?: string
  /** The partition of the node: feathers-distributed's `key`. */
  readonly key: string
  readonly contracts: readonly Contract[]
  /** Whether it has never answered this node: only what it announced is known. */
  readonly isUnproven?: boolean
}

/** One replica: a node as the host of one service. */
export interface Host {
  readonly node: MeshNode
  readonly contract: Contract
}

/** A replica that offers a method, with what that very replica says of the method. */
export interface MethodHost extends Host {
  readonly method: MethodContract
}

/** Ids are UUIDs. A peer that chooses a shorter one may choose a word that messages have. */
const MIN_ID_LENGTH = 8
/** A letter or the like just before an id, or after it: then it is a part of something longer. */
const GOES_ON_BEFORE = /[\p{L}\p{M}\p{N}\p{Cs}_-]$/u
const GOES_ON_AFTER = /^[.:]?[\p{L}\p{M}\p{N}\p{Cs}_-]/u

/** What a transport says of a node, as `node <id>`, with the name that people know the node by. */
export function withNodeTitle (message: string, node: NamedNode): string {
  if (node.name === undefined || node.id.length < MIN_ID_LENGTH) return message
  const place = `node ${node.id}`
  // A function: in a text, `$&` and the like have a meaning.
  return message.replaceAll(place, (found: string, at: number) => {
    const isPart = GOES_ON_BEFORE.test(message.slice(0, at)) || GOES_ON_AFTER.test(message.slice(at + place.length))
    return isPart ? found : `node ${nodeTitle(node)}`
  })
}

/** Whether a node that joined by what it announced has answered since, and offers the very same. */
export function hasOnlyAnswered (
  before: MeshNode, { key, name, contracts, isUnproven = false }: MeshNode
): boolean {
  return before.isUnproven === true && !isUnproven && before.contracts === contracts && before.key === key &&
    before.name === name
}
