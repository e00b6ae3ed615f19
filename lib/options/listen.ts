import { isIPAddress, isIPv6 } from '../transport/ip-address'
import { MAX_PORT } from '../option-table/kinds'

/** The parts of `listen`, of which one may be missing. */
export interface ListenPlace {
  readonly address?: string
  /** 0 is any free port. */
  readonly port?: number
}

const EXPECTED = 'be an address, an address and a port, or a port: ' +
  "'10.0.0.7', '10.0.0.7:4100', ':4100', '[fd00::7]:4100'"
/** Characters of a host name. */
const MAX_HOST_NAME = 253
/** `[address]:port` and `[address]`, for addresses of IPv6. */
const BRACKETS = /^\[([\da-f.]*:[\da-f:.]+(?:%[\w.-]+)?)\](?::(\d{1,5}))?$/i
/** A host name, or an address of IPv4. */
const NAMED = /^([\w.-]+)?(?::(\d{1,5}))?$/
/** The parts of a host name between its dots; the name may end with one. */
const HOST_NAME = /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?$/
/** A name whose last part is a number is an address of IPv4, or none at all. */
const ENDS_AS_IPV4 = /(?:^|\.)\d+\.?$/

/** The address and the port of a text. */
function readListen (text: string): ListenPlace | undefined {
  if (text === '') return undefined
  if (isIPv6(text)) return { address: text }
  const [found, address, digits] = BRACKETS.exec(text) ?? NAMED.exec(text) ?? []
  if (found === undefined || !isAddress(address)) return undefined
  const port = digits === undefined ? undefined : Number(digits)
  return port !== undefined && port > MAX_PORT ? undefined : { address, port }
}

function isAddress (address: string | undefined): boolean {
  if (address === undefined || isIPAddress(address)) return true
  return HOST_NAME.test(address) && !ENDS_AS_IPV4.test(address) && address.length <= MAX_HOST_NAME
}

/** The address and the port of an option that was checked, or that nobody gave. */
export function listenPlaceOf (listen: string | undefined): ListenPlace {
  return readListen(listen ?? '') ?? {}
}

/** What a value must be to say where a node listens; undefined where it does. */
export function listenFault (value: unknown): string | undefined {
  if (typeof value === 'string' && readListen(value) !== undefined) return undefined
  return EXPECTED
}
