import { ConfigurationError } from './errors'
import { readRedisOptions, type RedisOptions } from './transport/cote/discovery/ways/redis-place'
import { RedisWay } from './transport/cote/discovery/ways/redis-way'

export type { RedisOptions } from './transport/cote/discovery/ways/redis-place'
export type { RedisWay } from './transport/cote/discovery/ways/redis-way'

/**
 * Nodes find each other through a Redis server, for `discovery`. The URL of a server alone says the same; this takes
 * all that it can't say, such as certificates.
 *
 * @throws {@link ConfigurationError} for options that are wrong
 * @example
 * ```ts
 * DistributedModule.forRoot({ secret, discovery: redis({ url: 'rediss://redis.internal', tls: { ca } }) })
 * ```
 */
export function redis (options: RedisOptions | string = {}): RedisWay {
  const { place, fault } = readRedisOptions(options)
  if (place === undefined) throw new ConfigurationError([`redis() ${fault}`])
  return new RedisWay(place, requireIoredis)
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireIoredis (): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('ioredis')
}
