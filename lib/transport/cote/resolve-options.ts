import { ConfigurationError } from '../../errors'
import { checkOptions } from '../../option-table/check'
import { fillIn } from '../../option-table/fill-in'
import { isGiven, isOptions, withoutEmpty } from '../../option-table/given'
import type { ResolvedOf } from '../../option-table/option'
import type { Environment } from '../../option-table/variable'
import { COTE_OPTIONS, type CoteOptions } from './cote-options'
import type { DiscoveryOptions } from './discovery/discovery'
import type { BindOptions } from './inbound/bind-port'
import { addressFaults, reachOf } from './reach'

type Values = ResolvedOf<typeof COTE_OPTIONS>

/** All that the transport works with. */
export interface ResolvedOptions extends Omit<Values, 'environment'> {
  /** As cote writes it into keys: empty, or the name and a colon. */
  readonly environment: string
  readonly discovery: DiscoveryOptions
  readonly listen: BindOptions
  /** Whether nothing of the node can be reached from another machine. */
  readonly staysOnThisMachine: boolean
}

/** The names of options as the user gave them, where the node has other names for them. */
export interface OptionSources {
  /** Where the address to listen on comes from. @default option 'cote.address' */
  readonly address?: string
}

/** Options that were resolved, and what is wrong with them. */
export interface CoteResolution {
  readonly options: ResolvedOptions
  readonly faults: readonly string[]
}

/**
 * Fills in the variables of the environment and the defaults, and checks what depends on several options.
 *
 * @param given - options that were checked one by one
 * @param instead - defaults that take the place of those of the table
 */
export function resolveCoteOptions (
  given: CoteOptions, environment: Environment, instead: CoteOptions = {}, sources: OptionSources = {}
): CoteResolution {
  const defaults = { ...variableRange(given, environment), ...instead }
  const { options, faults } = fillIn(COTE_OPTIONS, given, environment, defaults)
  if (faults.length > 0) return { options: complete(options), faults }
  const { address = "option 'cote.address'" } = sources
  return { options: complete(options), faults: [...portFaults(options), ...addressFaults(options, address)] }
}

/**
 * Options of a transport that a program makes itself. Those that are resolved are returned as they are.
 *
 * @throws {@link ConfigurationError} with all that is wrong
 */
export function resolveOptions (given: CoteOptions | ResolvedOptions = {}): ResolvedOptions {
  if (!isOptions(given)) {
    throw new ConfigurationError(['CoteTransport needs an options object; give {} for all defaults'])
  }
  if (isResolved(given)) return given
  const { faults, unknown } = checkOptions(given, COTE_OPTIONS)
  const found = [...faults, ...unknown.map(({ fault }) => fault)]
  if (found.length > 0) throw new ConfigurationError(found)
  const resolution = resolveCoteOptions(withoutEmpty(given), process.env)
  if (resolution.faults.length > 0) throw new ConfigurationError(resolution.faults)
  return resolution.options
}

function isResolved (options: CoteOptions | ResolvedOptions): options is ResolvedOptions {
  return 'discovery' in options
}

function complete (values: Values): ResolvedOptions {
  const environment = values.environment === '' ? '' : `${values.environment}:`
  const { staysOnThisMachine, listenAddress, discoveryAddress, unicast } = reachOf(values)
  return {
    ...values,
    environment,
    discovery: { ...values, environment, address: discoveryAddress, unicast },
    listen: { host: listenAddress, basePort: values.basePort, highestPort: values.highestPort },
    staysOnThisMachine
  }
}

/** The range of ports that feathers-distributed has. */
export const DISTRIBUTED_PORTS = { basePort: 10_000, highestPort: 20_000 }

/** Where one of feathers-distributed's variables gives an end of the range, the other end is that of its range. */
function variableRange (given: CoteOptions, environment: Environment): CoteOptions {
  const ends = ['basePort', 'highestPort'] as const
  const isSaid = ends.some(end => !isGiven(given[end]) && COTE_OPTIONS[end].readVariables(environment) !== undefined)
  return isSaid ? DISTRIBUTED_PORTS : {}
}

function portFaults ({ basePort, highestPort }: Values): string[] {
  if (highestPort === undefined || (basePort !== undefined && basePort <= highestPort)) return []
  return [`option 'cote.highestPort' is ${highestPort}, but needs a 'cote.basePort' that is not above it`]
}
