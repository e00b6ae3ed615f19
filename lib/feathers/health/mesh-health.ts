import type { Registry } from '../../registry/registry'
import type { AwaitedHosts } from './awaited-hosts'

/** Whether somebody can use it now, in the words of gRPC. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING'

/** The health of one node. */
export interface MeshHealth {
  /** `SERVING` if the node has joined, does not leave, and each of its `remotes` has a host. */
  readonly status: HealthStatus
  /** Whether the node is on the mesh, and its app is set up. */
  readonly joined: boolean
  /** Whether it leaves: no other node sends it calls any more. */
  readonly draining: boolean
  /** Each service of `remotes`, by its path: whether a node hosts it, this one and {@link AwaitedHosts} included. */
  readonly remotes: Readonly<Record<string, HealthStatus>>
}

/** What the health of a node follows from. */
export interface HealthSource {
  readonly membership: { readonly hasJoined: boolean, readonly isDraining: boolean }
  readonly registry: Registry
  readonly awaited: Pick<AwaitedHosts, 'has'>
  /** The paths of the services that this node needs. */
  readonly remotes: readonly string[]
}

/** The health of a node now. */
export function healthOf ({ membership, registry, awaited, remotes }: HealthSource): MeshHealth {
  const { hasJoined: joined, isDraining: draining } = membership
  const isHosted = (path: string): boolean =>
    registry.contract(path) !== undefined || registry.service(path)?.isCallable === true || awaited.has(path)
  const ofRemotes = remotes.map((path): [string, HealthStatus] => [path, statusOf(isHosted(path))])
  const isServing = joined && !draining && ofRemotes.every(([, status]) => status === 'SERVING')
  return { status: statusOf(isServing), joined, draining, remotes: Object.fromEntries(ofRemotes) }
}

function statusOf (isServing: boolean): HealthStatus {
  return isServing ? 'SERVING' : 'NOT_SERVING'
}
