import { staysOnThisMachine } from '../transport/cote/cote-options'
import type { DistributedModuleOptions } from './options'
import { securityOptions } from './security-options'

/** Whether a node with these options could be called from other machines by anybody. */
export function isOpen (options: Pick<DistributedModuleOptions, 'cote' | 'secret' | 'tls' | 'transport'>): boolean {
  const { transport, cote } = options
  // What else moves messages has its own way of being closed.
  if (transport !== undefined && transport !== null) return false
  const { secret, tls } = securityOptions(options)
  return secret === undefined && tls === undefined && !staysOnThisMachine(cote ?? {})
}

/** Says once for a node that it is open, and how to close it. */
export function warnOfOpenness (advice: string): void {
  process.emitWarning(
    `this node is open to its network: whoever reaches it can call its services. To close it, ${advice}`,
    { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }
  )
}
