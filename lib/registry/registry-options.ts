import type { OnContractFault } from '../contract/read-contract'
import type { NodeLog } from '../log'
import type { Placement } from './node-places'
import type { Eligibility } from './remote-service-entry'

/** What a registry is told. */
export interface RegistryOptions {
  /** The paths of remote services on this node. @default their own ones */
  readonly placement?: Placement | undefined
  /** Which replicas get no calls of this node, and why. @default all get calls */
  readonly eligibility?: Eligibility | undefined
  /** The keys that this node expects at paths. @default any, the first that joins */
  readonly keys?: ReadonlyMap<string, string> | undefined
  /** The paths that this node names: of them all warnings are told. @default none */
  readonly named?: readonly string[] | undefined
  /** Where it tells what is odd about services of other nodes. @default the process */
  readonly log?: NodeLog | undefined
  /** Called for contracts for which there is no room. */
  readonly onFault?: OnContractFault | undefined
}
