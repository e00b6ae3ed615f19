import { ConfigurationError } from '../../../../errors'
import { isIPv6 } from '../../../ip-address'
import { isOfIPv6, placeOf } from '../../addresses'
import type { Medium, PacketWay, WayContext } from '../way'
import { loadIoredis } from './ioredis'
import { RedisMedium } from './redis-medium'
import type { RedisPlace } from './redis-place'

/** Finds nodes through a Redis server, those of cote in its Redis mode among them. */
export class RedisWay implements PacketWay {
  readonly isBroker = true
  readonly hosts: readonly string[]
  // Nobody who prints the node sees the password.
  readonly #place: RedisPlace
  readonly #load: (() => unknown) | undefined

  /** @param load - imports ioredis, where a bundler has to see that */
  constructor (place: RedisPlace, load?: () => unknown) {
    this.#place = place
    this.#load = load
    this.hosts = [place.host]
  }

  title (): string {
    return `through ${this.#name}`
  }

  faults (): string[] {
    const { fault } = loadIoredis(this.#load)
    return fault === undefined ? [] : [fault]
  }

  async open (context: WayContext): Promise<Medium> {
    const { make, fault } = loadIoredis(this.#load)
    if (make === undefined) throw new ConfigurationError([`discovery through Redis ${fault}`])
    const { options } = this.#place
    // What listens for IPv4 alone can't be reached by an address of IPv6, which it would tell then.
    const family = isOfIPv6(context.address) || isIPv6(this.#place.host) ? 0 : 4
    const place = { ...this.#place, options: { family, ...options } }
    return new RedisMedium({ ...context, place, make, name: this.#name })
  }

  get #name (): string {
    const { host, port } = this.#place
    return `Redis at ${placeOf(host, port)}`
  }
}
