import { certificateFaults } from '../transport/cote/security/certificates/certificate-ring'
import { secretFaults } from '../transport/cote/security/secret/key-ring'
import { BOTH, type SecurityOptions } from '../transport/cote/security/security-of'
import type { DistributionOptions } from './options'

type Options = Pick<DistributionOptions, 'key' | 'secret' | 'tls' | 'transport'>

/** The variable that holds a secret where no option does. */
const VARIABLE = 'MESH_SECRET'
const HIDDEN = '(hidden)'

/** The options that are to be seen nowhere. */
const NAMES = ['secret', 'tls'] as const

/** What is given, or what the environment says. */
export function securityOptions ({ secret, tls }: Omit<Options, 'transport' | 'key'>): SecurityOptions {
  if (isGiven(tls)) return isGiven(secret) ? { secret, tls } : { tls }
  const given = secret ?? process.env[VARIABLE]
  return given === undefined ? {} : { secret: given }
}

/** All that is wrong with it, in words that don't tell the secret, nor the private key. */
export function securityFaults (options: Options): string[] {
  const given = NAMES.filter(name => isGiven(options[name]))
  if (isGiven(options.transport)) {
    return given.map(name => `option '${name}' is for the transport that is made here; give it to your own: ` +
      `new CoteTransport(cote, { ${name} })`)
  }
  if (given.length > 1) return [BOTH]
  const { secret, tls } = securityOptions(options)
  if (tls !== undefined) return certificateFaults(tls, "option 'tls'", options.key ?? 'default')
  return secret === undefined ? [] : secretFaults(secret, given.length > 0 ? "option 'secret'" : VARIABLE)
}

/** The same options for all to see. */
export function hideSecrets<T extends Options> (options: T): T {
  const hidden = NAMES.filter(name => isGiven(options[name])).map(name => [name, HIDDEN])
  return hidden.length === 0 ? options : { ...options, ...Object.fromEntries(hidden) }
}

function isGiven<T> (option: T): option is NonNullable<T> {
  return option !== undefined && option !== null
}
