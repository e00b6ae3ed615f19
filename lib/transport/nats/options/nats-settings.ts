import { readFile } from 'node:fs/promises'
import type { ResolvedOf } from '../../../option-table/option'
import type { NatsClient } from '../client'
import type { NATS_OPTIONS } from './nats-options'
import type { NatsServers } from './nats-servers'

type Values = ResolvedOf<typeof NATS_OPTIONS>

/** What a {@link NatsTransport} works with. Credentials are in none of its properties. */
export class NatsSettings {
  readonly prefix: string
  readonly keysByPermission: boolean
  readonly helloInterval: number
  readonly nodeTimeout: number
  readonly maxMessageSize: number
  readonly maxBacklog: number
  /** How messages name the servers. */
  readonly title: string
  readonly #values: Values
  readonly #servers: NatsServers
  readonly #load: (() => unknown) | undefined

  constructor (values: Values, servers: NatsServers, readonly environment: string, load?: () => unknown) {
    this.prefix = values.prefix
    this.keysByPermission = values.keysByPermission
    this.helloInterval = values.helloInterval
    this.nodeTimeout = values.nodeTimeout
    this.maxMessageSize = values.maxMessageSize
    this.maxBacklog = values.maxBacklog
    this.title = `NATS at ${servers.places.join(', ')}`
    this.#values = values
    this.#servers = servers
    this.#load = load
  }

  /** Imports the client, where a bundler has to see that. */
  get load (): (() => unknown) | undefined {
    return this.#load
  }

  /** What the client connects with: files are read again each time, as they may have been replaced. */
  async clientOptions (client: NatsClient, name: string): Promise<object> {
    const { user, pass, token, nkey, creds, tls } = this.#values
    const { places, credentials } = this.#servers
    const authenticator = creds !== undefined
      ? client.credsAuthenticator(await bytesOf(creds))
      : nkey !== undefined ? client.nkeyAuthenticator(Buffer.from(nkey)) : undefined
    const given = { user, pass, token }
    for (const each of ['user', 'pass', 'token'] as const) given[each] ??= credentials[each]
    return {
      servers: [...places],
      name,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...authenticator === undefined ? {} : { authenticator },
      ...usesTls(this.#values, this.#servers) ? { tls: typeof tls === 'object' ? tls : {} } : {}
    }
  }
}

/** Whether connections are encrypted: an option asks for it, or the URL of a server. */
export function usesTls ({ tls }: Values, { isTls }: NatsServers): boolean {
  return isTls || (tls !== undefined && tls !== false)
}

/** The contents of a credentials file, or of the file with that name. */
async function bytesOf (creds: string): Promise<Uint8Array> {
  return creds.includes('-----BEGIN') ? Buffer.from(creds) : await readFile(creds)
}
