import { messageOf } from '../../printable'
import { propertiesOf } from '../../record'

/** What is used of a message of the client. */
export interface ClientMessage {
  readonly subject: string
  readonly data: Uint8Array
}

/** What is used of a subscription. */
export interface ClientSubscription {
  unsubscribe: () => void
}

/**
 * What is used of a connection of `@nats-io/transport-node`. Its own types would be needed by users who don't have the
 * package.
 */
export interface ClientConnection {
  readonly info?: { readonly max_payload: number }
  closed: () => Promise<unknown>
  close: () => Promise<void>
  flush: () => Promise<void>
  publish: (subject: string, data?: Uint8Array, options?: { reply?: string }) => void
  subscribe: (
    subject: string, options: { callback: (error: Error | null, message: ClientMessage) => void }
  ) => ClientSubscription
  status: () => AsyncIterable<{ readonly type: string, readonly error?: unknown }>
}

/** The parts of the package that are used. */
export interface NatsClient {
  readonly connect: (options: object) => Promise<ClientConnection>
  readonly credsAuthenticator: (creds: Uint8Array) => unknown
  readonly nkeyAuthenticator: (seed: Uint8Array) => unknown
}

/** The package, or why it can't be used: the end of a sentence. */
export type LoadedClient =
  { readonly client: NatsClient, readonly fault?: undefined } |
  { readonly client?: undefined, readonly fault: string }

const INSTALL = 'npm install @nats-io/transport-node'

/**
 * Loads the client.
 *
 * @param load - imports it so that bundlers see it. Without it, it is required within a try: no bundler demands it then
 */
export function loadClient (load?: () => unknown): LoadedClient {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const loaded: unknown = load === undefined ? require('@nats-io/transport-node') : load()
    const names = ['connect', 'credsAuthenticator', 'nkeyAuthenticator']
    const given = propertiesOf(Object(loaded))
    if (names.some(name => typeof given[name] !== 'function')) {
      return { fault: `needs @nats-io/transport-node 3.4 or later, and finds something else: ${INSTALL}` }
    }
    // Each function was looked at, and the package says what they take.
    return { client: loaded as NatsClient }
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    return { fault: `needs @nats-io/transport-node, which can't be loaded (${reason}): ${INSTALL}` }
  }
}
