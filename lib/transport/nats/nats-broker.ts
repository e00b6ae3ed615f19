import { checkOptions } from '../../option-table/check'
import { fillIn } from '../../option-table/fill-in'
import { isOptions, withoutEmpty } from '../../option-table/given'
import type { ResolvedOf } from '../../option-table/option'
import { snapshotOf } from '../../option-table/snapshot'
import { isText } from '../../record'
import { isThisMachine } from '../ip-address'
import { KeyRing, type Secret } from '../secrets/key-ring'
import type { Transport } from '../transport'
import { loadClient } from './client'
import { NATS_OPTIONS, type NatsOptions } from './options/nats-options'
import { readServers, type NatsServers } from './options/nats-servers'
import { NatsSettings, usesTls } from './options/nats-settings'
import { NatsTransport } from './nats-transport'

/** What a node adds to the options of a broker. */
export interface BrokerContext {
  readonly environment: string
  /** Seals what the nodes of the mesh say to each other. */
  readonly secret?: Secret
}

/** NATS servers, as the option `transport` takes them: each node makes its own transport of it. */
export class NatsBroker {
  // Nobody who prints the options sees the credentials.
  readonly #values: ResolvedOf<typeof NATS_OPTIONS>
  readonly #servers: NatsServers
  readonly #load: (() => unknown) | undefined

  private constructor (values: ResolvedOf<typeof NATS_OPTIONS>, servers: NatsServers, load?: () => unknown) {
    this.#values = values
    this.#servers = servers
    this.#load = load
  }

  /**
   * Reads options, or a URL.
   *
   * @param what - what messages call them
   * @param load - imports the client, where a bundler has to see that
   * @returns the broker, or all that is wrong: a sentence each
   */
  static read (what: string, given: NatsOptions | string, load?: () => unknown): NatsBroker | readonly string[] {
    if (typeof given === 'string') return NatsBroker.read(what, { servers: given }, load)
    if (!isOptions(given)) return [`${what} needs an options object, or a URL`]
    const snapshot = snapshotOf(what, given, NATS_OPTIONS)
    const { faults, unknown } = checkOptions(snapshot.options, NATS_OPTIONS)
    const found = [...snapshot.faults, ...faults, ...unknown.map(({ fault }) => fault)]
    if (found.length > 0) return found.map(fault => `${what}: ${fault}`)
    const { resolved } = fillIn(NATS_OPTIONS, withoutEmpty(snapshot.options), {})
    const { servers, fault } = readServers(resolved.servers)
    if (servers === undefined) return [`${what} ${fault}`]
    const wrong = credentialFaults(resolved, servers)
    return wrong.length > 0 ? wrong.map(each => `${what} ${each}`) : new NatsBroker(resolved, servers, load)
  }

  /** Whether all servers are on this machine. */
  get staysOnThisMachine (): boolean {
    return this.#servers.hosts.every(isThisMachine)
  }

  /** Whether the servers let nobody in without credentials, and nobody can read what is sent. */
  get isClosed (): boolean {
    const { user, token, nkey, creds } = this.#values
    const { credentials } = this.#servers
    const hasCredentials = [user, token, nkey, creds, credentials.user, credentials.token].some(isText)
    return hasCredentials && usesTls(this.#values, this.#servers)
  }

  /** What keeps it from being used on this machine. */
  faults (): string[] {
    const { fault } = loadClient(this.#load)
    return fault === undefined ? [] : [`the NATS transport ${fault}`]
  }

  /**
   * The transport of one node.
   *
   * @throws {@link ConfigurationError} if the secret is too short
   */
  make ({ environment, secret }: BrokerContext): Transport {
    const keyRing = secret === undefined ? undefined : new KeyRing(secret)
    return new NatsTransport(new NatsSettings(this.#values, this.#servers, { environment, keyRing, load: this.#load }))
  }
}

function credentialFaults (
  { user, pass, token, nkey, creds }: ResolvedOf<typeof NATS_OPTIONS>, { credentials }: NatsServers
): string[] {
  const faults: string[] = []
  for (const [name, value] of [['nkey', nkey], ['creds', creds]] as const) {
    if (value !== undefined && !isText(value)) faults.push(`has ${name} that is no text`)
  }
  const ways = [
    user ?? credentials.user, token ?? credentials.token, nkey, creds
  ].filter(each => each !== undefined).length
  if (ways > 1) faults.push('has several of user, token, nkey and creds, and the server takes one of them')
  if (pass !== undefined && user === undefined) faults.push('has a password without a user')
  return faults
}
