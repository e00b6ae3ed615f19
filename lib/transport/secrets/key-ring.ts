import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { NodeLog } from '../../log'
import { faultsOf, Refreshed } from './refreshed'

/**
 * The secret that the nodes of a mesh share. While it is being replaced, there are several: the first is used, and all
 * are accepted. A function that returns them is called about once a second.
 */
export type Secret = string | readonly string[] | (() => string | readonly string[])

/** The fewest characters of a secret. */
export const MIN_SECRET_LENGTH = 16

/** The most secrets at a time: each costs as much work as the first, and two are enough to change one. */
const MAX_SECRETS = 100

/** Keys derived from one secret. None of them reveals the secret or another key. */
export interface MeshKeys {
  /** Identifies the secret without revealing it. */
  readonly id: string
  /** The pre-shared key of TLS. */
  readonly connections: Buffer
  /** Encrypts packets of discovery. */
  readonly hellos: KeyObject
  /** Encrypts what nodes say over a broker before they have agreed on keys of their own. */
  readonly introductions: KeyObject
  /** Hides the names of paths and events from a broker. */
  readonly names: KeyObject
  /** Of which the keys of durable events are made. */
  readonly durable: KeyObject
}

const SALT = 'feathers-mesh'

/** What is wrong with a secret, in words that don't reveal it. */
export function secretFaults (secret: unknown, name: string): string[] {
  return faultsOf(secret, name, CHECK)
}

/** A list is read once. */
function copyOf (given: unknown): unknown {
  return Array.isArray(given) && given.length <= MAX_SECRETS ? [...given] : given
}

function faultsOfSecrets (given: unknown, name: string): string[] {
  if (Array.isArray(given) && given.length > MAX_SECRETS) return [`${name} is a list of more than ${MAX_SECRETS} secrets; give those that are in use`]
  const secrets = [given].flat()
  if (secrets.length === 0) return [`${name} is an empty list; give it at least one secret`]
  if (!secrets.every(each => typeof each === 'string')) return [`${name} must be a text, a list of texts, or a function that returns one of both`]
  if (secrets.every(each => each.length >= MIN_SECRET_LENGTH)) return []
  return [`${name} must have at least ${MIN_SECRET_LENGTH} characters; 'openssl rand -base64 32' makes a good one`]
}

/** The keys of all secrets that a node accepts. Private fields keep them from showing when it is printed. */
export class KeyRing {
  readonly #keys: Refreshed<string | readonly string[], readonly MeshKeys[]>

  /** @throws {@link ConfigurationError} if a secret is too short */
  constructor (secret: Secret) {
    this.#keys = new Refreshed(secret, {
      option: 'secret',
      ...CHECK,
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

  /** Tells from now on there what is wrong with later secrets. */
  tellTo (log: NodeLog): void {
    this.#keys.tellTo(log)
  }

  /** Whether the secrets may change later. */
  get mayChange (): boolean {
    return this.#keys.mayChange
  }

  /** The keys of the secret with this id, if it is accepted. */
  find (id: string): MeshKeys | undefined {
    return this.accepted.find(keys => keys.id === id)
  }
}

const CHECK = { copy: copyOf, faults: faultsOfSecrets }

function deriveKeys (secret: string): MeshKeys {
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, SALT, purpose, bytes))
  const key = (purpose: string): KeyObject => createSecretKey(derive(purpose, 32))
  return {
    id: derive('id', 8).toString('hex'),
    connections: derive('connections', 32),
    hellos: key('hellos'),
    introductions: key('introductions'),
    names: key('names'),
    durable: key('durable')
  }
}
