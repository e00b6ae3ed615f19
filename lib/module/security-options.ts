import { secretFaults } from '../transport/cote/security/key-ring'
import type { SecurityOptions } from '../transport/cote/security/security-of'
import type { DistributionOptions } from './options'

type Options = Pick<DistributionOptions, 'secret' | 'transport'>

/** The variable that holds a secret where no option does. */
const VARIABLE = 'MESH_SECRET'
const EXAMPLE = 'new CoteTransport(cote, { secret })'
const HIDDEN = '(hidden)'

/** What is given, or what the environment says. */
export function securityOptions ({ secret }: Options): SecurityOptions {
  const given = secret ?? process.env[VARIABLE]
  return given === undefined ? {} : { secret: given }
}

/** All that is wrong with it, in words that don't tell the secret. */
export function securityFaults (options: Options): string[] {
  const { secret, transport } = options
  const isGiven = secret !== undefined && secret !== null
  if (transport !== undefined && transport !== null) {
    return isGiven ? [`option 'secret' is for the transport that is made here; give it to your own: ${EXAMPLE}`] : []
  }
  const given = securityOptions(options).secret
  return given === undefined ? [] : secretFaults(given, isGiven ? "option 'secret'" : VARIABLE)
}

/** The same options for all to see. */
export function hideSecrets<T extends Options> (options: T): T {
  return options.secret === undefined || options.secret === null ? options : { ...options, secret: HIDDEN }
}
