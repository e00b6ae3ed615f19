import { debug } from '../debug'
import type { DiscoveryOptions } from './discovery'
import type { Packet } from './hello'

/** Senders that were told of: whoever says hello under ever new names must neither fill the memory nor the log. */
const MAX_TOLD = 100

/** Tells, once for each, which nodes are ignored because they are of another environment. */
export class OtherEnvironments {
  private readonly told = new Set<string>()

  heard ({ iid, pid, advertisement }: Packet, address: string, environment: string): void {
    if (!debug.enabled || advertisement === undefined) return
    const sender = pid ?? iid
    if (this.told.has(sender) || this.told.size >= MAX_TOLD) return
    this.told.add(sender)
    const [theirs, ours] = [advertisement.key.split('$$', 1).join(''), environment].map(nameOf)
    debug('ignored a node at %s: its environment is %s, this node\'s is %s', address, theirs, ours)
  }
}

/** Tells where a node looks for others. */
export function tellDiscovery ({ port, unicast, multicast, broadcast, environment }: DiscoveryOptions): void {
  const way = unicast === undefined ? multicast === undefined ? 'broadcast' : 'multicast' : 'unicast'
  const to = [unicast ?? multicast ?? broadcast].flat().join(', ')
  debug('looks for other nodes by %s to %s, UDP port %d, environment %s', way, to, port, nameOf(environment))
}

/** cote writes the environment with a colon behind its name. */
function nameOf (environment: string): string {
  return `'${environment.replace(/:$/, '')}'`
}
