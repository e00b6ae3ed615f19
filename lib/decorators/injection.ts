import type * as Tsyringe from 'tsyringe'
import { ConfigurationError } from '../errors'
import { messageOf } from '../printable'

let loaded: typeof Tsyringe | undefined

/**
 * tsyringe, loaded when a decorator or `forRoot` first needs it: users of the plugin alone may not have it.
 *
 * @throws {@link ConfigurationError} where it is not installed
 */
export function injection (): typeof Tsyringe {
  if (loaded !== undefined) return loaded
  try {
    loaded = requireTsyringe()
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    const fault = new ConfigurationError([
      `the decorators and DistributedModule.forRoot() need tsyringe, which can't be loaded (${reason}); npm install tsyringe`
    ])
    fault.cause = error
    throw fault
  }
  return loaded
}

// In a function of its own, outside of any try: bundlers put the package into the bundle then.
function requireTsyringe (): typeof Tsyringe {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('tsyringe')
}
