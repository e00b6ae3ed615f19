import { STANDARD_EVENTS, STANDARD_METHODS, type Contract } from '../../contract/contract'
import type { RemoteServiceEntry } from '../../registry/remote-service-entry'

/** What an app knows of a service of other nodes. */
export type Offered =
  Pick<RemoteServiceEntry, 'path' | 'key' | 'remotePath' | 'remoteOptions' | 'methods' | 'events' | 'id'>

/** What most adapters call the field that identifies a record. */
const USUAL_ID = 'id'

/** A service that the program named before any node was found that hosts it: what its class says, or the usual. */
export function declaredOffer (path: string, contract: Contract | undefined): Offered {
  return {
    path,
    key: '',
    remotePath: path,
    remoteOptions: undefined,
    // Authentication asks for one when it is set up, which may be before a host is found; the host's own word follows.
    id: USUAL_ID,
    methods: contract?.methods.map(({ name }) => name) ?? STANDARD_METHODS,
    events: contract?.events ?? STANDARD_EVENTS
  }
}
