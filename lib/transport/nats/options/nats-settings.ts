import { readFile } from 'node:fs/promises'
import type { ResolvedOf } from '../../../option-table/option'
import type { KeyRing } from '../../secrets/key-ring'
import type { NatsClient } from '../client'
import { Introductions } from '../sealing/introductions'
import { fillIn } from '../../../option-table/fill-in'
import { DURABLE_OPTIONS } from '../durable/durable-options'
import type { NATS_OPTIONS } from './nats-options'
import type { NatsServers } from './nats-servers'

type Values = ResolvedOf<typeof NATS_OPTIONS>

/** What options of the transport don't say. */
export interface NatsContext {
  readonly environment: string
  /** The secrets of the mesh, where it has one. */
  readonly keyRing: KeyRing | undefined
  /** Imports the client, where a bundler has to see that. */
  readonly load: (() => unknown) | undefined
}

/** What a {@link NatsTransport} works with. Credentials are in none of its properties. */
export class NatsSettings {
  readonly prefix: string
  readonly keysByPermission: boolean
  readonly helloInterval: number
  readonly nodeTimeout: number
  readonly maxMessageSize: number
  readonly maxBacklog: number
  /** How durable events are kept. */
  readonly durable: ResolvedOf<typeof DURABLE_OPTIONS>
  /** How messages name the servers. */
  readonly title: string
  readonly #values: Values
  readonly #servers: NatsServers
  readonly #context: NatsContext
  readonly #introductions: Introductions | undefined

  constructor (values: Values, servers: NatsServers, context: NatsContext) {
    this.prefix = values.prefix
    this.keysByPermission = values.keysByPermission
    this.helloInterval = values.helloInterval
    this.nodeTimeout = values.nodeTimeout
    this.maxMessageSize = values.maxMessageSize
    this.maxBacklog = values.maxBacklog
    this.durable = fillIn(DURABLE_OPTIONS, values.durable ?? {}, {}).resolved
    this.title = `NATS at ${servers.places.join(', ')}`
    this.#values = values
    this.#servers = servers
    this.#context = context
    const { keyRing } = context
    this.#introductions = keyRing === undefined ? undefined : new Introductions(keyRing)
  }

  /** Imports the client, where a bundler has to see that. */
  get load (): (() => unknown) | undefined {
    return this.#context.load
  }

  get environment (): string {
    return this.#context.environment
  }

  /** What nodes say by the secret before they have agreed on keys. */
  get introductions (): Introductions | undefined {
    return this.#introductions
  }

  /** The secrets of the mesh, where it has any. */
  get keyRing (): KeyRing | undefined {
    return this.#context.keyRing
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
