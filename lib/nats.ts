import { ConfigurationError } from './errors'
import { NatsBroker } from './transport/nats/nats-broker'
import type { NatsOptions } from './transport/nats/options/nats-options'

export type { NatsBroker } from './transport/nats/nats-broker'
export type { DurableOptions } from './transport/nats/durable/durable-options'
export type { NatsOptions } from './transport/nats/options/nats-options'

/**
 * Nodes meet on a NATS server, for `transport`. The URL of a server alone says the same; this takes all that it can't
 * say, such as credentials files and certificates.
 *
 * @throws {@link ConfigurationError} for options that are wrong
 * @example
 * ```ts
 * DistributedModule.forRoot({ transport: nats({ servers: 'tls://nats.internal', creds: '/run/secrets/mesh.creds' }) })
 * ```
 */
export function nats (options: NatsOptions | string = {}): NatsBroker {
  const broker = NatsBroker.read('nats()', options, requireClient)
  if (!(broker instanceof NatsBroker)) throw new ConfigurationError(broker)
  return broker
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireClient (): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('@nats-io/transport-node')
}
