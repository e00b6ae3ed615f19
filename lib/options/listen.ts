import { MAX_PORT } from '../option-table/kinds'

/** The parts of `listen`, of which one may be missing. */
export interface ListenPlace {
  readonly address?: string
  /** 0 is any free port. */
  readonly port?: number
}

const EXPECTED = 'be an address, an address and a port, or a port: ' +
  "'10.0.0.7', '10.0.0.7:4100', ':4100', '[fd00::7]:4100'"
/** `[address]:port` and `[address]`. */
const BRACKETS = /^\[([\da-f:.]+(?:%[\w.-]+)?)\](?::(\d{1,5}))?$/i
/** An address of IPv6 has colons enough to tell it from an address with a port. */
const IPV6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*(?:%[\w.-]+)?$/i
/** A host name, or an address of IPv4; digits alone are neither. */
const NAMED = /^(?!\d+(?::|$))([\w.-]+)?(?::(\d{1,5}))?$/

/** The address and the port of a text. */
function readListen (text: string): ListenPlace | undefined {
  if (text === '') return undefined
  if (IPV6.test(text)) return { address: text }
  const [found, address, digits] = BRACKETS.exec(text) ?? NAMED.exec(text) ?? []
  if (found === undefined) return undefined
  const port = digits === undefined ? undefined : Number(digits)
  return port !== undefined && port > MAX_PORT ? undefined : { address, port }
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
