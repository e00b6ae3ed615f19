import type { Transport } from '../transport/transport'
import type { SeenPeer } from './node-report'

/** What is told of another node: what it is called, and where the transport reaches it. */
export function seenPeer (transport: Transport, { id, name, key }: Pick<SeenPeer, 'id' | 'name' | 'key'>): SeenPeer {
  const address = transport.addressOf?.(id)
  return { id, ...name === undefined ? {} : { name }, key, ...address === undefined ? {} : { address } }
}
