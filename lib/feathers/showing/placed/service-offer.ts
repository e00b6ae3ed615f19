import { STANDARD_EVENTS, STANDARD_METHODS, type Contract } from '../../../contract/contract'
import type { RemoteServiceEntry } from '../../../registry/remote-service-entry'

/** What an app needs to know of a remote service to show it. */
export type ServiceOffer =
  Pick<RemoteServiceEntry, 'path' | 'key' | 'remotePath' | 'remoteOptions' | 'methods' | 'events' | 'id'>

/** The usual name of the field that identifies a record. */
const USUAL_ID = 'id'

/** The offer of a declared service that no node hosts yet: from its class where there is one, else the usual one. */
export function declaredOffer (path: string, contract: Contract | undefined): ServiceOffer {
  return {
    path,
    key: '',
    remotePath: path,
    remoteOptions: undefined,
    // Authentication needs an id when it is set up, maybe before a host is found. The host's own id replaces it.
    id: USUAL_ID,
    methods: contract?.methods.map(({ name }) => name) ?? STANDARD_METHODS,
    events: contract?.events ?? STANDARD_EVENTS
  }
}
