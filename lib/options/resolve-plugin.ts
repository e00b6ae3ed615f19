import { STANDARD_METHODS } from '../contract/contract'
import { stripSlashes } from '../contract/path'
import type { MeshOptions } from '../feathers/mesh-settings'
import { isGiven, isOptions } from '../option-table/given'
import type { Environment } from '../option-table/variable'
import type { CoteOptions } from '../transport/cote/cote-options'
import { DISTRIBUTED_PORTS } from '../transport/cote/resolve-options'
import type { Transport } from '../transport/transport'
import { unknownVariables } from '../option-table/known-variables'
import { PLUGIN_OPTIONS, type DistributionOptions } from './plugin-options'
import { remoteFaults } from './remote-paths'
import { readOptions, type Resolution, type ResolvedNode } from './resolution'
import { resolveTransport } from './resolve-transport'
import { hideSecrets } from './security'
import { toMeshSettings } from './to-mesh-settings'

/** The options of the plugin, resolved. */
export interface ResolvedPlugin extends ResolvedNode<typeof PLUGIN_OPTIONS> {
  /** Milliseconds until the node joins; undefined where the caller makes it join. */
  readonly startDelay: number | undefined
}

/** Where feathers-distributed looks for other nodes by default: everywhere in the network of the machine. */
const OPEN_BROADCAST = '255.255.255.255'

/** Resolves the options of the plugin once: given, then the environment, then the defaults. */
export function resolvePlugin (
  options: DistributionOptions, environment: Environment = process.env
): Resolution<ResolvedPlugin> {
  const instead = { distributedMethods: STANDARD_METHODS }
  const { given, filled, unknown } = readOptions('distribution', PLUGIN_OPTIONS, options, { environment, instead })
  if (filled.faults.length > 0) return { faults: filled.faults }
  const { options: all } = filled
  const transport = resolveTransport({ ...filled, given, environment, instead: openUnlessSaid(given.cote) })
  const faults = [...unsupportedFaults(given.cote), ...transport.faults, ...remoteFaults(all.remotes)]
  if (faults.length > 0) return { faults }
  // -1: the caller does it.
  const startDelay = all.coteDelay < 0 ? undefined : all.coteDelay
  // feathers-distributed hands on whatever cote may understand; here, too, nobody has to take it out.
  const unknownHere = unknown.filter(({ prefix }) => prefix === '').map(({ fault }) => fault)
  return {
    faults: [],
    resolved: {
      options: all,
      startDelay,
      isOpen: transport.isOpen,
      warnings: [...unknownHere, ...unknownVariables(PLUGIN_OPTIONS, environment)],
      settings: () => settingsOf(all, startDelay, hideSecrets(options, PLUGIN_OPTIONS), transport.make())
    }
  }
}

/** The plugin joins when it is configured, not when its app is set up. */
function settingsOf (
  options: ResolvedPlugin['options'], startDelay: number | undefined, given: object, transport: Transport
): MeshOptions {
  return toMeshSettings(options, {
    startsWithApp: false,
    startDelay,
    howToStart: 'call initialize(app)',
    remotes: (options.remotes ?? []).map(stripSlashes),
    // The health of the plugin is that of feathers-distributed.
    neededRemotes: [],
    services: options.services,
    given,
    transport
  })
}

/** feathers-distributed's range of ports, where one end of it is given; else none is needed here. */
function openUnlessSaid (cote: CoteOptions = {}): CoteOptions {
  const isSaid = isGiven(cote.basePort) || isGiven(cote.highestPort)
  return { broadcast: OPEN_BROADCAST, ...isSaid ? DISTRIBUTED_PORTS : {} }
}

/** Options of cote that would keep nodes apart if they were passed over in silence. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  redis: 'discovery through redis',
  key: 'the encryption of discovery, which rests on a function that Node 22 has no more'
}

function unsupportedFaults (cote: object = {}): string[] {
  return Object.entries(UNSUPPORTED)
    .filter(([name]) => isOptions(cote) && isGiven(Reflect.get(cote, name)))
    .map(([name, what]) => `option 'cote.${name}' asks for ${what}; there is no such thing here, leave it out`)
}
