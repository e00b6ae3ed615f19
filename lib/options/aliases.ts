import { isGiven } from '../option-table/given'
import type { OptionsOf, ResolvedOf } from '../option-table/option'
import type { CoteOptions } from '../transport/cote/cote-options'
import type { COMMON_OPTIONS } from './common-options'
import { listenPlaceOf } from './listen'

type Given = OptionsOf<typeof COMMON_OPTIONS>

/** Options that are given under two names, the node's and cote's, and differ. */
export function aliasFaults ({ environment, listen, cote = {} }: Given): string[] {
  const { address, port } = listenPlaceOf(listen)
  const pairs: Array<{ name: string, value: unknown, alias: keyof CoteOptions }> = [
    { name: 'environment', value: environment, alias: 'environment' },
    { name: 'listen', value: address, alias: 'address' },
    { name: 'listen', value: port, alias: 'basePort' },
    { name: 'listen', value: port, alias: 'highestPort' }
  ]
  // An empty text says nothing.
  const isSaid = (value: unknown): boolean => isGiven(value) && value !== ''
  return pairs.filter(({ value, alias }) => isSaid(value) && isSaid(cote[alias]) && value !== cote[alias])
    .map(({ name, value, alias }) => `option '${name}' says ${JSON.stringify(value)} and option 'cote.${alias}' says ` +
      `${JSON.stringify(cote[alias])}, which are two names of one thing; leave one of them out`)
}

/** Options of cote with what the node's options say in other words. */
export interface CoteInput {
  readonly cote: CoteOptions
  /** Where the address comes from; undefined where it is cote's own option. */
  readonly addressSource: string | undefined
}

/**
 * What cote takes of the options of the node. All that is given goes before what variables say.
 *
 * @param options - those given, with what the environment and the defaults add
 * @param sources - the variables that gave a value, by the names of the options
 */
export function toCoteInput (
  given: Given, options: ResolvedOf<typeof COMMON_OPTIONS>, sources: Readonly<Record<string, string>>
): CoteInput {
  const { cote = {} } = options
  const place = listenPlaceOf(options.listen)
  const isVariable = sources.listen !== undefined
  const hasRange = isGiven(cote.basePort) || isGiven(cote.highestPort)
  const port = isVariable && hasRange ? undefined : place.port
  const usesPlace = place.address !== undefined && !isGiven(cote.address)
  return {
    cote: {
      ...cote,
      environment: given.environment || cote.environment || options.environment,
      address: usesPlace ? place.address : cote.address,
      basePort: cote.basePort ?? port,
      highestPort: cote.highestPort ?? port
    },
    addressSource: usesPlace ? sources.listen ?? "option 'listen'" : undefined
  }
}
