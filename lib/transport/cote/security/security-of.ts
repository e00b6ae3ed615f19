import type { Refuse } from '../../refusals'
import { KeyRing, type Secret } from './key-ring'
import { OpenSecurity } from './open-security'
import { SecretSecurity } from './secret-security'
import type { Security } from './security'

/** What the nodes of a mesh prove to each other. */
export interface SecurityOptions {
  /** At least 16 characters that all of them have; of several the first is used and all are accepted. */
  readonly secret?: Secret
}

/** What security needs of the node. */
export interface SecurityContext {
  readonly environment: string
  /** Where the node listens. */
  readonly address: string
  readonly handshakeTimeout: number
  readonly refuse: Refuse
}

/** Made once for each time that a node joins. */
export type MakeSecurity = (context: SecurityContext) => Security

/**
 * The security that options ask for. What they hold is kept out of the sight of whoever prints the node.
 *
 * @throws {@link ConfigurationError} when a secret is too short
 */
export function securityOf ({ secret }: SecurityOptions): MakeSecurity {
  if (secret === undefined || secret === null) return context => new OpenSecurity(context)
  const keyRing = new KeyRing(secret)
  return context => new SecretSecurity(keyRing, context)
}
