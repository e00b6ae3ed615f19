import { ConfigurationError } from '../../errors'
import { PROCESS_LOG } from '../../log'
import { checkOptions } from '../../option-table/check'
import { fillIn } from '../../option-table/fill-in'
import { isOptions, withoutEmpty } from '../../option-table/given'
import type { ResolvedOf } from '../../option-table/option'
import { snapshotOf } from '../../option-table/snapshot'
import type { Variables } from '../../option-table/variable'
import { COTE_OPTIONS, type CoteOptions } from './cote-options'
import type { DiscoveryOptions } from './discovery/discovery'
import { isPlaceWay, type Way } from './discovery/way'
import type { BindOptions } from './inbound/bind-port'
import { resolvePorts, type PortRange } from './port-range'
import { chooseWays, unusableFaults, variablesOfWays, type ChosenWay } from './chosen-ways'
import { addressFaults, openSources, reachOf } from './reach'

type Values = ResolvedOf<typeof COTE_OPTIONS>
/** Options that may hold passwords: ways are made of them, and nobody else gets them. */
type HiddenOption = 'discovery' | 'redis'

/** All that the transport works with. */
export interface ResolvedOptions extends Omit<Values, 'environment' | HiddenOption> {
  /** As cote writes it into keys: empty, or the name and a colon. */
  readonly environment: string
  readonly discovery: Omit<DiscoveryOptions, 'ways'> & { readonly ways: readonly Way[] }
  readonly listen: BindOptions
  /** Whether nothing of the node can be reached from another machine. */
  readonly staysOnThisMachine: boolean
}

/** What a node knows of the options of cote beside those given. */
export interface CoteContext {
  /** Defaults that take the place of those of the table. */
  readonly defaults?: CoteOptions
  /** Where the address to listen on comes from. @default option 'cote.address' */
  readonly addressSource?: string | undefined
  /** What messages call the option `discovery`. @default option 'discovery' */
  readonly discoverySource?: string | undefined
  /** Whether a range of ports of which one end is given ends as that of feathers-distributed. @default false */
  readonly hasDistributedPorts?: boolean
}

/** Options that were resolved, what is wrong with them, and what to warn of. */
export interface CoteResolution {
  readonly resolved: ResolvedOptions
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
  /** The options and variables that make the node reach beyond this machine, as messages name them. */
  readonly opening: readonly string[]
}

/**
 * Fills in variables and defaults, and checks what depends on several options.
 *
 * @param given - options that were checked one by one
 */
export function resolveCoteOptions (
  given: CoteOptions, variables: Variables, context: CoteContext = {}
): CoteResolution {
  const { defaults, addressSource = "option 'cote.address'", discoverySource = "option 'discovery'" } = context
  const { hasDistributedPorts = false } = context
  const { resolved: filled, sources, ...found } =
    fillIn(COTE_OPTIONS, given, variablesOfWays(given, variables), defaults)
  // Those variables are feathers-distributed's.
  const isDistributed = hasDistributedPorts || sources.basePort !== undefined || sources.highestPort !== undefined
  const { ports, ...ofPorts } = resolvePorts(filled, { sources, isDistributed })
  const warnings = [...found.warnings, ...ofPorts.warnings]
  if (found.faults.length > 0) {
    return { resolved: complete({ ...filled, ...ports }, []), warnings, opening: [], faults: found.faults }
  }
  const ways = chooseWays({ given, values: filled, sources, discoverySource })
  const values = { ...filled, ...portsOf(ports, ways) }
  const { address } = values
  return {
    resolved: complete(values, ways),
    warnings,
    opening: openSources({ ways, address }, addressSource),
    faults: [...ofPorts.faults, ...unusableFaults(ways), ...addressFaults({ ways, address }, addressSource)]
  }
}

/** A way may say on which port all nodes listen. */
function portsOf (ports: PortRange, ways: readonly ChosenWay[]): PortRange {
  if (ports.basePort !== undefined || ports.highestPort !== undefined) return ports
  const port = ways.map(({ way }) => isPlaceWay(way) ? way.listenPort : undefined).find(each => each !== undefined)
  return { basePort: port, highestPort: port }
}

/** Options that were resolved here: nothing about an object of a stranger can make it one of them. */
const RESOLVED = new WeakSet<object>()

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
  const snapshot = snapshotOf('CoteTransport', given, COTE_OPTIONS)
  const { faults, unknown } = checkOptions(snapshot.options, COTE_OPTIONS)
  const found = [...snapshot.faults, ...faults, ...unknown.map(({ fault }) => fault)]
  if (found.length > 0) throw new ConfigurationError(found)
  const resolution = resolveCoteOptions(withoutEmpty(snapshot.options), process.env)
  if (resolution.faults.length > 0) throw new ConfigurationError(resolution.faults)
  // A transport that a program makes itself has no node yet, and no log.
  for (const warning of resolution.warnings) PROCESS_LOG.tell('FEATHERS_MESH_OPTIONS', `feathers-mesh: ${warning}`)
  return resolution.resolved
}

function isResolved (options: CoteOptions | ResolvedOptions): options is ResolvedOptions {
  return RESOLVED.has(options)
}

function complete (all: Values, chosen: readonly ChosenWay[]): ResolvedOptions {
  const values: Omit<Values, HiddenOption> = { ...all }
  for (const name of ['discovery', 'redis'] satisfies HiddenOption[]) Reflect.deleteProperty(values, name)
  const environment = values.environment === '' ? '' : `${values.environment}:`
  const { staysOnThisMachine, listenAddress } = reachOf({ ways: chosen, address: values.address })
  const ways = chosen.map(({ way }) => way)
  const resolved = {
    ...values,
    environment,
    discovery: { ...values, environment, address: listenAddress, ways, staysOnThisMachine },
    listen: { host: listenAddress, basePort: values.basePort, highestPort: values.highestPort },
    staysOnThisMachine
  }
  RESOLVED.add(resolved)
  return resolved
}
