import type { Transport } from '../transport/transport'
import type { SeenPeer } from './node-report'

/** What is told of another node: what it is called, and how the transport reaches it. */
export function seenPeer (transport: Transport, { id, name, key }: Pick<SeenPeer, 'id' | 'name' | 'key'>): SeenPeer {
  return { id, ...name === undefined ? {} : { name }, key, ...transport.reachOf?.(id) }
}
