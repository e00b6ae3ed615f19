import { SUBSCRIBE } from '../../session/control'
import type { SubscriptionsOptions } from '../../session/events/subscriptions-options'
import { Subscriptions } from '../../session/subscriptions'
import { debug } from '../debug'
import type { ConnectionPool } from './connection-pool'
import type { OutboundConnection } from './outbound-connection'

/** What {@link subscribeTo} needs of the peer. */
export interface PeerSubscriptionsOptions extends Pick<
  SubscriptionsOptions, 'key' | 'interest' | 'isReturning' | 'kept' | 'onEvent' | 'onGroupsUnknown'
> {
  /** The id of the peer. */
  readonly id: string
  readonly pool: Pick<ConnectionPool, 'requestOwn'>
  /** The connection in use. */
  readonly source: () => OutboundConnection
}

/** What this node wants to hear of a mesh node: the sources of its events are the connections to it. */
export function subscribeTo (
  { id, key, interest, isReturning, kept, pool, source, onEvent, onGroupsUnknown }: PeerSubscriptionsOptions
): Subscriptions {
  return new Subscriptions({
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
    onEvent,
    onGroupsUnknown,
    onReleased: connection => (connection as OutboundConnection).drain()
  })
}
