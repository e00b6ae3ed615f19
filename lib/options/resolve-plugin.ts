import { STANDARD_METHODS } from '../contract/contract'
import type { MeshOptions } from '../feathers/mesh-settings'
import { Log } from '../log'
import { isGiven, isOptions } from '../option-table/given'
import type { Variables } from '../option-table/variable'
import type { CoteContext } from '../transport/cote/resolve-options'
import { unknownVariables } from '../option-table/known-variables'
import { telemetryFaults } from './insight/telemetry-option'
import { PLUGIN_OPTIONS, type DistributionOptions } from './plugin-options'
import { remoteFaults, remotePaths, type RemotePaths } from './remote-paths'
import { readOptions, type Resolution, type ResolvedNode } from './resolution'
import { resolveTransport } from './transports/resolve-transport'
import { hideSecrets } from './security'
import { toMeshSettings, type NodeExtras } from './to-mesh-settings'

/** The options of the plugin, resolved. */
export interface ResolvedPlugin extends ResolvedNode<typeof PLUGIN_OPTIONS> {
  /** Milliseconds until the node joins; undefined where the caller makes it join. */
  readonly startDelay: number | undefined
}

/** feathers-distributed looks for other nodes everywhere in the network of the machine. */
const AS_DISTRIBUTED: CoteContext = { defaults: { broadcast: '255.255.255.255' }, hasDistributedPorts: true }

/** Resolves the options of the plugin once: given, then the variables, then the defaults. */
export function resolvePlugin (
  options: DistributionOptions, variables: Variables = process.env
): Resolution<ResolvedPlugin> {
  const defaults = { distributedMethods: STANDARD_METHODS, healthcheck: 'detailed' as const, health: false }
  const read = readOptions('distribution', PLUGIN_OPTIONS, options, { variables, defaults })
  const { given, resolved } = read
  if (read.faults.length > 0) return { faults: read.faults }
  const transport = resolveTransport({ given, resolved, sources: read.sources, variables }, AS_DISTRIBUTED)
  const faults = [
    ...unsupportedFaults(given.cote), ...transport.faults, ...remoteFaults(resolved.remotes),
    ...telemetryFaults(resolved.telemetry)
  ]
  if (faults.length > 0) return { faults }
  const remotes = remotePaths(resolved.remotes)
  if (remotes.faults.length > 0) return { faults: remotes.faults }
  // -1: the caller does it.
  const startDelay = resolved.coteDelay < 0 ? undefined : resolved.coteDelay
  // feathers-distributed hands on whatever cote may understand; here, too, nobody has to take it out.
  const unknown = read.unknown.filter(({ prefix }) => prefix === '').map(({ fault }) => fault)
  const log = new Log(resolved.logger)
  return {
    faults: [],
    resolved: {
      options: resolved,
      log,
      startDelay,
      isOpen: transport.isOpen,
      warnings: [...unknown, ...read.warnings, ...transport.warnings, ...unknownVariables(PLUGIN_OPTIONS, variables)],
      settings: () => settingsOf(resolved, startDelay, remotes, {
        log, address: transport.address, given: hideSecrets(options, PLUGIN_OPTIONS), transport: transport.make()
      })
    }
  }
}

/** The plugin joins when it is configured, not when its app is set up. */
function settingsOf (
  options: ResolvedPlugin['options'], startDelay: number | undefined,
  remotes: RemotePaths, node: Pick<NodeExtras, 'log' | 'address' | 'given' | 'transport'>
): MeshOptions {
  return toMeshSettings(options, {
    startsWithApp: false,
    startDelay,
    howToStart: 'call initialize(app)',
    remotes: remotes.paths,
    remoteKeys: remotes.keys,
    // The health of the plugin is that of feathers-distributed.
    neededRemotes: [],
    // Nodes of feathers-distributed answer nothing of the kind.
    isInspected: false,
    services: options.services,
    ...node
  })
}

/** Options of cote that would keep nodes apart if they were passed over in silence. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  key: 'the encryption of discovery, which rests on a function that Node 22 has no more'
}

function unsupportedFaults (cote: object = {}): string[] {
  return Object.entries(UNSUPPORTED)
    .filter(([name]) => isOptions(cote) && isGiven(Reflect.get(cote, name)))
    .map(([name, what]) => `option 'cote.${name}' asks for ${what}; there is no such thing here, leave it out`)
}
