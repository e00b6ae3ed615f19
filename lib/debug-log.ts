import { format } from 'node:util'
import createDebug from 'debug'
import { printable } from './printable'

/** Writes a line as `util.format` builds it. Costs one comparison while nobody listens. */
export interface DebugLog {
  (template: string, ...values: unknown[]): void
  /** Whether `DEBUG` selects this log. */
  readonly enabled: boolean
}

/** The log that `DEBUG=feathers-mesh:<name>` shows. Values may come from other nodes, so lines are made printable. */
export function debugLog (name: string): DebugLog {
  const write = createDebug(`feathers-mesh:${name}`)
  const log = (template: string, ...values: unknown[]): void => {
    if (write.enabled) write('%s', printable(format(template, ...values)))
  }
  // TypeScript does not know what defineProperty adds.
  return Object.defineProperty(log, 'enabled', { get: () => write.enabled }) as DebugLog
}

/** `DEBUG=feathers-mesh:app`: what happens between the mesh and the app of its node. */
export const debugApp = debugLog('app')
