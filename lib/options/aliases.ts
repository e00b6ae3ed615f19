import { isGiven } from '../option-table/given'
import type { OptionsOf, ResolvedOf } from '../option-table/option'
import type { CoteOptions } from '../transport/cote/cote-options'
import type { COMMON_OPTIONS } from './common-options'
import { withoutCredentials } from '../printable'
import { listenPlaceOf } from './listen'

type Given = OptionsOf<typeof COMMON_OPTIONS>

/** Options that are given under two names, the node's and cote's, and differ. */
export function aliasFaults ({ environment, listen, discovery, advertise, cote = {} }: Given): string[] {
  const { address, port } = listenPlaceOf(listen)
  const pairs: Array<{ name: string, value: unknown, alias: keyof CoteOptions }> = [
    { name: 'environment', value: environment, alias: 'environment' },
    { name: 'advertise', value: advertise, alias: 'advertise' },
    { name: 'listen', value: address, alias: 'address' },
    { name: 'listen', value: port, alias: 'basePort' },
    { name: 'listen', value: port, alias: 'highestPort' }
  ]
  // An empty text is the same as none.
  const hasValue = (value: unknown): boolean => isGiven(value) && value !== ''
  const ofDiscovery = hasValue(discovery) && hasValue(cote.discovery) && discovery !== cote.discovery
    ? ["options 'discovery' and 'cote.discovery' are two names of one thing; leave one of them out"]
    : []
  const differs = ({ value, alias }: typeof pairs[number]): boolean =>
    hasValue(value) && hasValue(cote[alias]) && value !== cote[alias]
  return [...ofDiscovery, ...pairs.filter(differs)
    .map(({ name, value, alias }) => `option '${name}' says ${quoted(value)} and option 'cote.${alias}' says ` +
      `${quoted(cote[alias])}, which are two names of one thing; leave one of them out`)]
}

/** A value as messages show it. */
function quoted (value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(withoutCredentials(value)) : JSON.stringify(value)
}

/** Options of cote with what the node's options say in other words. */
export interface CoteInput {
  readonly cote: CoteOptions
  /** Where the address comes from; undefined where it is cote's own option. */
  readonly addressSource: string | undefined
  /** What messages call the option that says how nodes find each other. */
  readonly discoverySource: string
}

/**
 * What cote takes of the options of the node. All that is given goes before what variables say.
 *
 * @param resolved - those given, with what variables and defaults add
 * @param sources - the variables that gave a value, by the names of the options
 */
export function toCoteInput (
  given: Given, resolved: ResolvedOf<typeof COMMON_OPTIONS>, sources: Readonly<Record<string, string>>
): CoteInput {
  const { cote = {}, listen } = resolved
  const place = listenPlaceOf(listen)
  const usesAddress = place.address !== undefined && !isGiven(cote.address)
  return {
    cote: {
      ...cote,
      // Their variables are read with the options of cote.
      discovery: given.discovery || cote.discovery,
      advertise: given.advertise || cote.advertise,
      environment: given.environment || cote.environment || resolved.environment,
      address: usesAddress ? place.address : cote.address,
      ...portsOf(cote, place.port, sources.listen !== undefined)
    },
    addressSource: usesAddress ? sources.listen ?? "option 'listen'" : undefined,
    discoverySource: given.discovery ? "option 'discovery'" : "option 'cote.discovery'"
  }
}

/** The range that a port stands for; where it comes from a variable, a range that is given goes first. */
function portsOf (cote: CoteOptions, port: number | undefined, isVariable: boolean): CoteOptions {
  const { basePort, highestPort } = cote
  const hasRange = isGiven(basePort) || isGiven(highestPort)
  if (isVariable && hasRange) return { basePort, highestPort }
  return { basePort: basePort ?? port, highestPort: highestPort ?? port }
}
