import type { Way } from '../way'
import { readDns, readDnsSrv, readStatic } from './place-urls'
import { ONE_SERVER, readRedisUrl } from './redis-place'
import { RedisWay } from './redis-way'
import { readBroadcast, readMulticast, readUnicast } from './udp-urls'
import { partsOfUrl, type ReadWay, type WayReader } from './url'

/** The schemes of the URLs of ways, with what reads the rest of each: a new way is a row here. */
const SCHEMES: Readonly<Record<string, WayReader>> = {
  broadcast: readBroadcast,
  multicast: readMulticast,
  unicast: readUnicast,
  redis: rest => readRedis('redis', rest),
  rediss: rest => readRedis('rediss', rest),
  static: readStatic,
  dns: readDns,
  'dns+srv': readDnsSrv
}

function readRedis (scheme: string, rest: string): ReadWay {
  const { place, fault } = readRedisUrl(scheme, rest)
  return fault === undefined ? { way: new RedisWay(place) } : { fault }
}

const KNOWN = `there are ${Object.keys(SCHEMES).map(scheme => `${scheme}://`).join(', ')}`

const EXPECTED = 'is wrong: it must be a URL, or what broadcast() and its like return, or a list of them'
/** It is not shown: spaces in a variable may have cut a password in two, and this may be the one half. */
const NO_URL = 'has a text that is no URL'

/** What an option that describes ways to find other nodes takes. */
export type WayOption = string | Way | ReadonlyArray<string | Way>

/** Reads one way: a URL, or what a function has made. */
function readWay (given: unknown, showsScheme = true): ReadWay {
  if (isWay(given)) return { way: given }
  if (typeof given !== 'string') return { fault: EXPECTED }
  const parts = partsOfUrl(given)
  if (parts === undefined) return { fault: `${NO_URL}; ${KNOWN}` }
  const { scheme, rest } = parts
  if (/sentinel|cluster/.test(scheme)) return { fault: ONE_SERVER }
  if (!Object.hasOwn(SCHEMES, scheme)) return { fault: `has a URL of an unknown scheme${showsScheme ? `, ${scheme}://` : ''}; ${KNOWN}` }
  const read = SCHEMES[scheme](rest)
  return read.fault === undefined ? read : { fault: `has a URL that is wrong: ${scheme}:// ${read.fault}` }
}

function isWay (value: unknown): value is Way {
  return typeof value === 'object' && value !== null &&
    ['open', 'look'].some(name => typeof Reflect.get(value, name) === 'function') &&
    Array.isArray(Reflect.get(value, 'hosts'))
}

/** All that is wrong with the value of an option, a sentence each. */
export function wayFaults (given: unknown, name: string): string[] {
  const list = [given].flat()
  if (list.length === 0) return [`${name} is an empty list; give it a way, or leave it out`]
  // Not map() alone: it passes over holes. What looks like a scheme may be a part of a password here as well.
  const showsScheme = list.length === 1 || !list.some(each => typeof each === 'string' && each.includes('@'))
  return Array.from(list, each => readWay(each, showsScheme)).flatMap(({ fault }) => fault === undefined ? [] : [`${name} ${fault}`])
}

/** The ways of an option that was checked. */
export function waysOf (given: WayOption): Way[] {
  return [given].flat().flatMap(each => readWay(each).way ?? [])
}
