import { plainAddress } from '../addresses'
import type { RemoteComponent } from '../discovery/discovery'

/** 3.0 looks for its ports from here on, whatever `basePort` says; those of 2.4 begin at 10000, or at `basePort`. */
const FIRST_PORT_OF_3 = 8_000
const FIRST_PORT_OF_2 = 10_000

interface OldNode {
  readonly address: string
  readonly isThree: boolean
}

/**
 * Which old nodes take a hook context with an event. 3.0 gives it to its channels; 2.4 gives it to its clients, as
 * part of the payload. Nothing that an old node says has its version, but its ports show it. Who subscribes to events
 * shows nothing but its address, so a context goes to an address where each old node is 3.0.
 */
export class ContextTakers {
  private readonly nodes = new Map<string, OldNode>()
  private byAddress: ReadonlyMap<string, boolean> = new Map()

  /** Takes a hello of a component that listens. */
  saw (nodeId: string, { address, advertisement: { port } }: RemoteComponent): void {
    if (port === undefined) return
    const isPortOfThree = port >= FIRST_PORT_OF_3 && port < FIRST_PORT_OF_2
    const { isThree = true } = this.nodes.get(nodeId) ?? {}
    this.nodes.set(nodeId, { address: plainAddress(address), isThree: isThree && isPortOfThree })
    this.index()
  }

  forget (nodeId: string): void {
    if (this.nodes.delete(nodeId)) this.index()
  }

  /** Whether who subscribes from an address takes one. */
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
