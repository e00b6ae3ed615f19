import { format } from 'node:util'
import createDebug from 'debug'
import { printable } from './printable'

/** Writes a line that `util.format` builds. Costs one comparison while `DEBUG` does not select the log. */
export interface DebugLog {
  (template: string, ...values: unknown[]): void
  /** Whether `DEBUG` selects this log. */
  readonly enabled: boolean
}

/** Makes the log that `DEBUG=feathers-mesh:<name>` selects. Values may come from peers, so lines are made printable. */
export function debugLog (name: string): DebugLog {
  const write = createDebug(`feathers-mesh:${name}`)
  const log = (template: string, ...values: unknown[]): void => {
    if (write.enabled) write('%s', printable(format(template, ...values)))
  }
  // TypeScript does not see what defineProperty adds.
  return Object.defineProperty(log, 'enabled', { get: () => write.enabled }) as DebugLog
}

/** `DEBUG=feathers-mesh:app`: what happens between the mesh and the app of its node. */
export const debugApp = debugLog('app')
