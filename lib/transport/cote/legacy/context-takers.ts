import { plainAddress } from '../addresses'
import type { RemoteComponent } from '../discovery/discovery'

/** Version 3.0 looks for its ports from here on, whatever `basePort` is; 2.4 begins at 10000, or at `basePort`. */
const FIRST_PORT_OF_3 = 8_000
const FIRST_PORT_OF_2 = 10_000

interface LegacyNode {
  readonly address: string
  readonly isThree: boolean
}

/**
 * Which nodes of feathers-distributed take a hook context with an event: 3.0 passes it to its channels, while 2.4
 * passes it to its clients as part of the payload. Such a node never tells its version, but its ports show it. A
 * subscriber shows nothing but its address, so a context is sent to an address where each node is 3.0.
 */
export class ContextTakers {
  private readonly nodes = new Map<string, LegacyNode>()
  private byAddress: ReadonlyMap<string, boolean> = new Map()

  /** Whether there are any nodes of feathers-distributed. */
  get hasNodes (): boolean {
    return this.nodes.size > 0
  }

  /** Takes a hello of a component that listens. */
  add (nodeId: string, { address, advertisement: { port } }: RemoteComponent): void {
    if (port === undefined) return
    const isPortOfThree = port >= FIRST_PORT_OF_3 && port < FIRST_PORT_OF_2
    const { isThree = true } = this.nodes.get(nodeId) ?? {}
    this.nodes.set(nodeId, { address: plainAddress(address), isThree: isThree && isPortOfThree })
    this.index()
  }

  /** A node has left. */
  delete (nodeId: string): void {
    if (this.nodes.delete(nodeId)) this.index()
  }

  /** Whether a subscriber at an address takes a context. */
  has (address: string): boolean {
    return this.byAddress.get(plainAddress(address)) === true
  }

  private index (): void {
    const byAddress = new Map<string, boolean>()
    for (const { address, isThree } of this.nodes.values()) {
      byAddress.set(address, isThree && byAddress.get(address) !== false)
    }
    this.byAddress = byAddress
  }
}
