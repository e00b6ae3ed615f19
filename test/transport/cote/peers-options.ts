import { Socket } from 'node:net'
import type { PeersOptions } from '../../../lib/transport/cote/outbound/cote-peer'
import { OpenSecurity } from '../../../lib/transport/cote/security/open-security'
import type { Security } from '../../../lib/transport/cote/security/security'

const open = (): OpenSecurity => new OpenSecurity({ environment: '', onRejected: () => {} })

/** What the peers of a node share, for tests of one of them: no time, size or rate comes into play. */
export function peersOptions (changes: Partial<PeersOptions> = {}): PeersOptions {
  return {
    connectTimeout: 100_000,
    idleTimeout: 100_000,
    maxMessageSize: 1_000_000,
    maxBacklog: 10_000,
    maxEventRate: 100,
    security: open(),
    onRejected: () => {},
    ...changes
  }
}

/** Security that nobody connects by. @param dial - makes a connection that is never there, or throws */
export function unconnected (dial: Security['dial'] = () => new Socket()): Security {
  const acceptor = (): never => { throw new Error('nobody connects') }
  return { ...open(), credential: () => '', acceptor, dial }
}
