import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { ConfigurationError } from '../../../errors'

/** What nodes of one mesh share: one secret, or for the time of a change several; a function is asked anew. */
export type Secret = string | readonly string[] | (() => string | readonly string[])

/** The fewest characters of a secret. */
export const SECRET_LENGTH = 16

/** What is derived from one secret; none of it tells the secret, nor the rest. */
export interface MeshKeys {
  /** Names the secret without telling it. */
  readonly id: string
  /** What TLS proves. */
  readonly connections: Buffer
  /** What seals packets of discovery. */
  readonly hellos: KeyObject
}

/** Milliseconds after which a function is asked for the secrets again. */
const REFRESH = 1_000
const SALT = 'feathers-mesh'

/** What is wrong with a secret, in words that don't tell it. */
export function secretFaults (secret: unknown, name: string): string[] {
  if (typeof secret === 'function') return secretFaults(secret(), `what ${name} returns`)
  const secrets = [secret].flat()
  if (secrets.length === 0) return [`${name} is an empty list; give it at least one secret`]
  if (!secrets.every(each => typeof each === 'string')) return [`${name} must be a text, a list of texts, or a function that returns one of both`]
  if (secrets.every(each => each.length >= SECRET_LENGTH)) return []
  return [`${name} must have at least ${SECRET_LENGTH} characters; 'openssl rand -base64 32' makes a good one`]
}

/** The keys of all secrets that a node accepts. Its fields are out of the reach of whoever prints it. */
export class KeyRing {
  readonly #secret: Secret
  #secrets: readonly string[] = []
  #keys: readonly MeshKeys[] = []
  #readAt = 0

  /** @throws {@link ConfigurationError} when a secret is too short */
  constructor (secret: Secret) {
    const faults = secretFaults(secret, "option 'secret'")
    if (faults.length > 0) throw new ConfigurationError(faults)
    this.#secret = secret
  }

  /** The keys of the secret that this node uses. */
  get first (): MeshKeys {
    return this.accepted[0]
  }

  /** The keys of all secrets that this node accepts. */
  get accepted (): readonly MeshKeys[] {
    const now = Date.now()
    if (this.#keys.length > 0 && (typeof this.#secret !== 'function' || now - this.#readAt < REFRESH)) return this.#keys
    this.#readAt = now
    const secrets = this.#read()
    if (secrets.join('\0') !== this.#secrets.join('\0')) {
      this.#keys = secrets.map(deriveKeys)
      this.#secrets = secrets
    }
    return this.#keys
  }

  /** Whether there may be other secrets later. */
  get mayChange (): boolean {
    return typeof this.#secret === 'function'
  }

  find (id: string): MeshKeys | undefined {
    return this.accepted.find(keys => keys.id === id)
  }

  /** What a function returns may be wrong for once: then the secrets stay as they are. */
  #read (): readonly string[] {
    if (typeof this.#secret !== 'function') return [this.#secret].flat()
    try {
      const secret = this.#secret()
      const faults = secretFaults(secret, "what the function of option 'secret' returns")
      if (faults.length === 0) return [secret].flat()
      process.emitWarning(`feathers-mesh keeps its secrets as they were: ${faults.join('; ')}`)
    } catch {
      // Its message may hold what it should not.
      process.emitWarning("feathers-mesh keeps its secrets as they were: the function of option 'secret' threw")
    }
    return this.#secrets
  }
}

function deriveKeys (secret: string): MeshKeys {
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, SALT, purpose, bytes))
  return {
    id: derive('id', 8).toString('hex'),
    connections: derive('connections', 32),
    hellos: createSecretKey(derive('hellos', 32))
  }
}
