import { promises, type LookupAddress, type RecordWithTtl } from 'node:dns'
import { fieldsOf } from '../../../../record'
import type { NodePlace } from '../way'

/** How long a server may take, and how often it is asked. */
const TIMEOUT_MS = 2_000
const TRIES = 2

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
}

interface Addresses {
  readonly addresses: readonly string[]
  readonly ttl: number | undefined
}

const NO_ADDRESSES: Addresses = { addresses: [], ttl: undefined }

/** Asks DNS for the places of nodes. */
export class DnsRecords {
  private readonly resolver = new promises.Resolver({ timeout: TIMEOUT_MS, tries: TRIES })

  constructor (private readonly question: DnsQuestion) {
    const { server } = question
    if (server !== undefined) this.resolver.setServers([server])
  }

  /** All places that are known now. Rejects where nobody can tell. */
  async ask (): Promise<DnsAnswer> {
    const { name, port } = this.question
    if (port === undefined) return await this.services(name)
    const { addresses, ttl } = await this.addresses(name)
    return { places: addresses.map(host => ({ host, port })), ttl }
  }

  /** Gives up what is asked. */
  cancel (): void {
    this.resolver.cancel()
  }

  private async services (name: string): Promise<DnsAnswer> {
    const services = await this.resolver.resolveSrv(name).catch(noneOrThrow)
    const all = await Promise.all((services ?? []).map(async ({ name: host, port }) => {
      const { addresses, ttl } = await this.addresses(host)
      return { ttl, places: addresses.map(address => ({ host: address, port })) }
    }))
    return { places: all.flatMap(({ places }) => places), ttl: leastOf(all.map(({ ttl }) => ttl)) }
  }

  /** Servers know full names; for others, the system has a list of endings, and a file of hosts. */
  private async addresses (name: string): Promise<Addresses> {
    const isOurs = this.question.server !== undefined || name.endsWith('.')
    const resolved = this.resolved(name)
    if (isOurs) return await resolved
    const { addresses, ttl } = await resolved.catch(() => NO_ADDRESSES)
    return addresses.length > 0 ? { addresses, ttl } : await this.lookedUp(name)
  }

  private async resolved (name: string): Promise<Addresses> {
    const options = { ttl: true } as const
    const [four, six] = await Promise.allSettled([
      this.resolver.resolve4(name, options).catch(noneOrThrow), this.resolver.resolve6(name, options).catch(noneOrThrow)
    ])
    const records: RecordWithTtl[] = [four, six].flatMap(each => each.status === 'fulfilled' ? each.value ?? [] : [])
    if (records.length === 0) for (const each of [four, six]) if (each.status === 'rejected') throw each.reason
    return { addresses: records.map(({ address }) => address), ttl: leastOf(records.map(({ ttl }) => ttl)) }
  }

  private async lookedUp (name: string): Promise<Addresses> {
    const found: LookupAddress[] | undefined = await promises.lookup(name, { all: true }).catch(noneOrThrow)
    return { addresses: (found ?? []).map(({ address }) => address), ttl: undefined }
  }
}

function noneOrThrow (error: unknown): undefined {
  const { code } = fieldsOf(error)
  if (!NONE.some(none => none === code)) throw error
}

function leastOf (all: ReadonlyArray<number | undefined>): number | undefined {
  const known = all.filter(each => each !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
