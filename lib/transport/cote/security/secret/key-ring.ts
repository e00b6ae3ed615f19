import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { faultsOf, Refreshed } from '../refreshed'

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

const SALT = 'feathers-mesh'

/** What is wrong with a secret, in words that don't tell it. */
export function secretFaults (secret: unknown, name: string): string[] {
  return faultsOf(secret, name, faultsOfSecrets)
}

function faultsOfSecrets (given: unknown, name: string): string[] {
  const secrets = [given].flat()
  if (secrets.length === 0) return [`${name} is an empty list; give it at least one secret`]
  if (!secrets.every(each => typeof each === 'string')) return [`${name} must be a text, a list of texts, or a function that returns one of both`]
  if (secrets.every(each => each.length >= SECRET_LENGTH)) return []
  return [`${name} must have at least ${SECRET_LENGTH} characters; 'openssl rand -base64 32' makes a good one`]
}

/** The keys of all secrets that a node accepts. Its fields are out of the reach of whoever prints it. */
export class KeyRing {
  readonly #keys: Refreshed<string | readonly string[], readonly MeshKeys[]>

  /** @throws {@link ConfigurationError} when a secret is too short */
  constructor (secret: Secret) {
    this.#keys = new Refreshed(secret, {
      option: 'secret',
      faults: faultsOfSecrets,
      make: given => [given].flat().map(deriveKeys),
      textOf: given => [given].flat().join('\0')
    })
  }

  /** The keys of the secret that this node uses. */
  get first (): MeshKeys {
    return this.accepted[0]
  }

  /** The keys of all secrets that this node accepts. */
  get accepted (): readonly MeshKeys[] {
    return this.#keys.value
  }

  /** Whether there may be other secrets later. */
  get mayChange (): boolean {
    return this.#keys.mayChange
  }

  find (id: string): MeshKeys | undefined {
    return this.accepted.find(keys => keys.id === id)
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
