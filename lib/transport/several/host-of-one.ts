import type { TransportHost } from '../transport'

/** What one of several transports notifies its node of in its own way. */
export type OwnNotices = Required<Pick<TransportHost, 'siblings' | 'serve' | 'joined' | 'left' | 'ended'>>

/** A node, as one of its transports sees it: all that is not its own is the node's. */
export function hostOfOne (host: TransportHost, own: OwnNotices): TransportHost {
  const { id, name, key, errorClasses, isObserver, silenceTimeout, log } = host
  return {
    id,
    name,
    key,
    errorClasses,
    isObserver,
    silenceTimeout,
    log,
    // Without these it is another node to the transport than with some that do nothing.
    now: host.now?.bind(host),
    inspect: host.inspect?.bind(host),
    contracts: () => host.contracts(),
    receive: message => host.receive(message),
    needs: peer => host.needs?.(peer) === true,
    admit: (peerId, contracts) => host.admit === undefined ? contracts : host.admit(peerId, contracts),
    audience: (path, event) => host.audience?.(path, event),
    subscribed: (peer, path) => host.subscribed?.(peer, path),
    memberLost: groups => host.memberLost?.(groups),
    groupsUnknown: (peerId, path) => host.groupsUnknown?.(peerId, path),
    onRejected: (...rejection) => host.onRejected?.(...rejection),
    ...own
  }
}
