import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator'
import { nearestName } from '../contract/nearest-name'
import { pathFault, stripSlashes } from '../contract/path'
import { validationFaults } from '../validation/validation-options'
import { meshOf } from '../feathers/mesh'
import { addressFaults, type CoteOptions } from '../transport/cote/cote-options'
import { isOptions, withoutEmpty } from './given-options'
import { isOpen } from './openness'
import { CoteOptionRules, DistributionOptionRules, ModuleOptionRules } from './option-rules'
import type { DistributedModuleOptions, DistributionOptions } from './options'
import { securityFaults } from './security-options'

const UNKNOWN = 'unknown option'

/** What an options object is checked by. */
type Rules = new () => { cote?: unknown }

/** All that is wrong with the options of `forRoot`, each fault in a sentence; empty when nothing is. */
export function moduleFaults (given: DistributedModuleOptions): string[] {
  const faults = ruleFaults('forRoot', given, ModuleOptionRules)
  if (faults.length > 0) return faults
  const options = withoutEmpty(given)
  return [
    ...portFaults(options.cote), ...addressFaults(options.cote ?? {}), ...remoteFaults(options.remotes),
    ...securityFaults(options), ...opennessFaults(options), ...transportFaults(options),
    ...validationFaults('forRoot', options.validation)
  ]
}

/**
 * The same for those of the plugin.
 *
 * @param cote - the options of cote with what the environment adds to them
 */
export function distributionFaults (options: DistributionOptions, cote: CoteOptions): string[] {
  // feathers-distributed hands on whatever cote may understand; here, too, nobody has to take it out.
  const known = isOptions(options) && isOptions(options.cote)
    ? { ...options, cote: pick(options.cote, optionNames(CoteOptionRules)) }
    : options
  const faults = ruleFaults('distribution', known, DistributionOptionRules).filter(fault => !fault.startsWith(UNKNOWN))
  if (faults.length > 0) return faults
  return [
    ...portFaults(cote), ...addressFaults(cote), ...unsupportedFaults(cote), ...remoteFaults(options.remotes),
    ...securityFaults(options), ...transportFaults(options)
  ]
}

/** The options of the plugin that it does not know. feathers-distributed ignores them, so they are no faults. */
export function unknownOptions (options: DistributionOptions): string[] {
  const names = optionNames(DistributionOptionRules)
  return Object.keys(options).filter(name => !names.includes(name)).map(name => describeUnknown(name, '', names))
}

function ruleFaults (name: string, options: { readonly cote?: object }, rules: Rules): string[] {
  if (!isOptions(options)) return [`${name} needs an options object; give {} for all defaults`]
  // Not class-transformer: it would copy what the options hold, the app among it.
  const checked = Object.assign(new rules(), options)
  const { cote } = options
  if (isOptions(cote)) checked.cote = Object.assign(new CoteOptionRules(), cote)
  return validateSync(checked, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false })
    .flatMap(error => describeFaults(error, '', rules))
}

function portFaults (cote: CoteOptions = {}): string[] {
  const { basePort, highestPort } = withoutEmpty(cote)
  if (highestPort === undefined || (basePort !== undefined && basePort <= highestPort)) return []
  return [`option 'cote.highestPort' is ${highestPort}, but needs a 'cote.basePort' that is not above it`]
}

/** What is asked for where nothing can be would be waited for in vain. */
function remoteFaults (remotes: DistributedModuleOptions['remotes']): string[] {
  return (remotes ?? []).flatMap(remote => {
    const fault = typeof remote === 'string' ? pathFault(stripSlashes(remote)) : undefined
    if (fault === undefined) return []
    return [`option 'remotes' names '${String(remote)}', where no service can be on the mesh, as ${fault}`]
  })
}

/** Options of cote that would keep nodes apart if they were passed over in silence. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  redis: 'discovery through redis',
  key: 'the encryption of discovery, which rests on a function that Node 22 has no more'
}

function unsupportedFaults (cote: object): string[] {
  return Object.entries(UNSUPPORTED)
    .filter(([name]) => ![undefined, null].includes((cote as Record<string, null | undefined>)[name]))
    .map(([name, what]) => `option 'cote.${name}' asks for ${what}; there is no such thing here, leave it out`)
}

function opennessFaults (options: DistributedModuleOptions): string[] {
  if (options.insecure === true || !isOpen(options)) return []
  return ["option 'cote', or a variable of cote in the environment, names an address beyond this machine, where " +
    'anybody could call this node; leave it out, give all nodes of the mesh the same secret (option secret, or ' +
    'MESH_SECRET) or certificates (option tls), or say insecure: true if the network is trusted']
}

function transportFaults ({ transport }: Pick<DistributionOptions, 'transport'>): string[] {
  if (!transport || meshOf(transport) === undefined) return []
  return ["option 'transport' is an object that serves another node already; make one for each node"]
}

function pick (from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)))
}

function describeFaults (
  { property, constraints = {}, children = [] }: ValidationError, prefix: string, rules: object
): string[] {
  const name = prefix + property
  // Of something that is no object nothing else is worth saying.
  if (constraints.isOptions !== undefined) return [`option '${name}' is wrong: ${constraints.isOptions}`]
  const own = Object.entries(constraints).map(([rule, message]) => rule === 'whitelistValidation'
    ? describeUnknown(property, prefix, optionNames(rules))
    : `option '${name}' is wrong: ${message}`)
  return [...own, ...children.flatMap(child => describeFaults(child, `${name}.`, CoteOptionRules))]
}

function describeUnknown (name: string, prefix: string, names: readonly string[]): string {
  return `${UNKNOWN} '${prefix}${name}'${suggestion(name, names)}`
}

/** The options that there are rules for. */
function optionNames (rules: object): string[] {
  // The storage wants the legacy type Function, which every class is.
  const metadata = getMetadataStorage().getTargetValidationMetadatas(rules as new () => unknown, '', false, false)
  return [...new Set(metadata.map(({ propertyName }) => propertyName))]
}

function suggestion (name: string, names: readonly string[]): string {
  const near = nearestName(name, names)
  return near === undefined ? `; there are: ${[...names].sort().join(', ')}` : `; did you mean '${near}'?`
}
