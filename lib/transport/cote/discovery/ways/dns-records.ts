import { promises, type LookupAddress, type RecordWithTtl, type SrvRecord } from 'node:dns'
import { fieldsOf } from '../../../../record'
import { within } from '../../../drain'
import type { NodePlace } from '../way'

/** How long a server may take, and how often it is asked. */
const TIMEOUT_MS = 2_000
const TRIES = 2
/** From one look at what is known already to the next, while others are still asked for. */
const TELL_MS = 100
/** After this time without an answer the system is asked as well. */
const SLOW_MS = 500
/** Hosts of SRV records that are asked for at a time. */
const MAX_HOSTS_ASKED = 32

/** What servers say of a name that has no such records: an answer, and no failure. */
const NONE = ['ENOTFOUND', 'ENODATA']

/** What is asked of DNS. */
export interface DnsQuestion {
  readonly name: string
  /** The port of all nodes; those of SRV records have their own. */
  readonly port?: number
  /** The server to ask, with its port. @default those of the system */
  readonly server: string | undefined
}

/** The places that a name stands for now, and for how many seconds that may be believed. */
export interface DnsAnswer {
  readonly places: readonly NodePlace[]
  /** Undefined where the system does not tell. */
  readonly ttl: number | undefined
  /** Whether a server could not tell a part of it: the addresses of one family, or of a host of SRV records. */
  readonly isPartial?: boolean
}

interface Addresses {
  readonly addresses: readonly string[]
  readonly ttl: number | undefined
  readonly isPartial?: boolean
}

/** Takes addresses as soon as they are known. */
type OnAddresses = (addresses: readonly string[]) => void

const NO_ADDRESSES: Addresses = { addresses: [], ttl: undefined }

/** Asks DNS for the places of nodes. */
export class DnsRecords {
  private readonly resolver = new promises.Resolver({ timeout: TIMEOUT_MS, tries: TRIES })

  constructor (private readonly question: DnsQuestion) {
    const { server } = question
    if (server !== undefined) this.resolver.setServers([server])
  }

  /**
   * All places that are known now. Rejects where nobody can tell.
   *
   * @param onSome - takes those that are known while others are still asked for: some servers never answer for IPv6
   */
  async ask (onSome: (places: readonly NodePlace[]) => void): Promise<DnsAnswer> {
    const some: NodePlace[] = []
    let told = 0
    const telling = setInterval(() => {
      if (some.length > told) onSome(some)
      told = some.length
    }, TELL_MS)
    try {
      return await this.all(some)
    } finally {
      clearInterval(telling)
    }
  }

  /** Gives up what is asked. */
  cancel (): void {
    this.resolver.cancel()
  }

  private async all (some: NodePlace[]): Promise<DnsAnswer> {
    const { name, port } = this.question
    if (port === undefined) return await this.services(name, some)
    const { addresses, ...rest } = await this.addresses(name, found => some.push(...placesOf(found, [port])))
    return { places: placesOf(addresses, [port]), ...rest }
  }

  /** A host without an answer takes no other one with it. */
  private async services (name: string, some: NodePlace[]): Promise<DnsAnswer> {
    const hosts = portsByHost(await this.resolver.resolveSrv(name).catch(noneOrThrow) ?? [])
    const answers: DnsAnswer[] = []
    const failures: unknown[] = []
    const left = hosts.entries()
    const askLeft = async (): Promise<void> => {
      for (const [host, ports] of left) {
        await this.addresses(host, found => some.push(...placesOf(found, ports))).then(
          ({ addresses, ...rest }) => answers.push({ places: placesOf(addresses, ports), ...rest }),
          (error: unknown) => failures.push(error)
        )
      }
    }
    await Promise.all(Array.from({ length: MAX_HOSTS_ASKED }, askLeft))
    const places = answers.flatMap(({ places }) => places)
    if (places.length === 0 && failures.length > 0) throw failures[0]
    const isPartial = failures.length > 0 || answers.some(({ isPartial }) => isPartial)
    return { places, ttl: leastOf(answers.map(({ ttl }) => ttl)), isPartial }
  }

  /** Servers know full names; for others, the system has a list of endings, and a file of hosts. */
  private async addresses (name: string, onSome: OnAddresses): Promise<Addresses> {
    const isOurs = this.question.server !== undefined || name.endsWith('.')
    let isFound = false
    const resolved = this.resolved(name, found => {
      isFound = true
      onSome(found)
    })
    if (isOurs) return await resolved
    // The system may know by a file what no server answers for.
    await within(SLOW_MS, resolved.catch(() => NO_ADDRESSES))
    if (isFound) return await resolved
    const found = await this.lookedUp(name)
    onSome(found.addresses)
    return found.addresses.length > 0 ? found : await resolved
  }

  private async resolved (name: string, onSome: OnAddresses): Promise<Addresses> {
    const options = { ttl: true } as const
    const tell = (records: RecordWithTtl[]): RecordWithTtl[] => {
      if (records.length > 0) onSome(records.map(({ address }) => address))
      return records
    }
    const both = await Promise.allSettled([
      this.resolver.resolve4(name, options).then(tell).catch(noneOrThrow),
      this.resolver.resolve6(name, options).then(tell).catch(noneOrThrow)
    ])
    const records = both.flatMap(each => each.status === 'fulfilled' ? each.value ?? [] : [])
    const failures = both.flatMap(each => each.status === 'rejected' ? [each.reason] : [])
    if (records.length === 0 && failures.length > 0) throw failures[0]
    const addresses = records.map(({ address }) => address)
    return { addresses, ttl: leastOf(records.map(({ ttl }) => ttl)), isPartial: failures.length > 0 }
  }

  private async lookedUp (name: string): Promise<Addresses> {
    const found: LookupAddress[] | undefined = await promises.lookup(name, { all: true }).catch(noneOrThrow)
    return { addresses: (found ?? []).map(({ address }) => address), ttl: undefined }
  }
}

/** The ports of each host that SRV records name: by the host `.`, they say that there is none. */
function portsByHost (records: readonly SrvRecord[]): Map<string, Set<number>> {
  const hosts = new Map<string, Set<number>>()
  for (const { name, port } of records) {
    if (port !== 0 && name !== '' && name !== '.') hosts.set(name, (hosts.get(name) ?? new Set()).add(port))
  }
  return hosts
}

function placesOf (addresses: readonly string[], ports: Iterable<number>): NodePlace[] {
  return [...ports].flatMap(port => addresses.map(host => ({ host, port })))
}

function noneOrThrow (error: unknown): undefined {
  const { code } = fieldsOf(error)
  if (!NONE.some(none => none === code)) throw error
}

function leastOf (all: ReadonlyArray<number | undefined>): number | undefined {
  const known = all.filter(each => each !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
