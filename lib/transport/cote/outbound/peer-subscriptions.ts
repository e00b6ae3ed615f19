import { SUBSCRIBE } from '../../session/control'
import type { PeerSubscriptions, SubscriptionsOptions } from '../../session/events/subscriptions-options'
import { subscriptionsTo } from '../../session/siblings/session-subscriptions'
import type { TransportHost } from '../../transport'
import { debug } from '../debug'
import type { ConnectionPool } from './connection-pool'
import type { OutboundConnection } from './outbound-connection'

/** What {@link subscribeTo} needs of the peer. */
export interface PeerSubscriptionsOptions extends Pick<
  SubscriptionsOptions, 'key' | 'interest' | 'isReturning' | 'kept'
> {
  /** The id of the peer. */
  readonly id: string
  readonly host: TransportHost
  readonly pool: Pick<ConnectionPool, 'requestOwn'>
  /** The connection in use. */
  readonly source: () => OutboundConnection
}

/** What this node wants to hear of a mesh node: the sources of its events are the connections to it. */
export function subscribeTo (
  { id, key, host, interest, isReturning, kept, pool, source }: PeerSubscriptionsOptions
): PeerSubscriptions {
  return subscriptionsTo(host, id, {
    key,
    interest,
    isReturning,
    kept,
    source,
    send: (connection, data, params, { settle, fail }) => {
      const request = { method: SUBSCRIBE, key, path: '', data, params: { ...params } }
      // `source` returned it.
      pool.requestOwn(connection as OutboundConnection, request, {
        settle: (error, answer) => error === null ? settle(answer) : fail(),
        fail: ({ message }) => {
          debug('node %s: %s', id, message)
          fail()
        }
      })
    },
    onEvent: message => host.receive(message),
    onGroupsUnknown: path => host.groupsUnknown?.(id, path),
    onReleased: connection => (connection as OutboundConnection).drain()
  })
}
