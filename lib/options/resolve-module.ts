import type { MeshOptions } from '../feathers/mesh-settings'
import { Log } from '../log'
import type { Variables } from '../option-table/variable'
import { validationFaults } from '../validation/validation-options'
import { unknownVariables } from '../option-table/known-variables'
import { telemetryFaults } from './insight/telemetry-option'
import { MODULE_OPTIONS, type DistributedModuleOptions } from './module-options'
import { listenedPaths, remoteFaults, remotePaths, type RemotePaths } from './remote-paths'
import { readOptions, type Resolution, type ResolvedNode } from './resolution'
import { resolveTransport } from './transports/resolve-transport'
import { hideSecrets } from './security'
import { toMeshSettings, type NodeExtras } from './to-mesh-settings'

/** The options of `forRoot`, resolved. */
export interface ResolvedModule extends ResolvedNode<typeof MODULE_OPTIONS> {
  /** What is wrong with them comes together with what is wrong with other classes. */
  readonly remotes: RemotePaths
}

/** What clients send for others to know. What proves who they are stays on the node that they send it to. */
const HEADERS = [
  'accept-language', 'user-agent', 'x-request-id', 'x-correlation-id', 'traceparent', 'tracestate', 'baggage'
]

/** @param opening - the options and variables that open the node */
function openFault (opening: readonly string[]): string {
  return `${opening.join(' and ')} ${opening.length > 1 ? 'name' : 'names'} an address beyond this machine, where ` +
    'anybody could call this node; leave it out, give all nodes of the mesh the same secret (option secret, or ' +
    'MESH_SECRET) or certificates (option tls), or say insecure: true if the network is trusted'
}

/** Resolves the options of `forRoot` once: given, then the variables, then the defaults. */
export function resolveModule (
  options: DistributedModuleOptions, variables: Variables = process.env
): Resolution<ResolvedModule> {
  const defaults = { headers: HEADERS }
  const read = readOptions('forRoot', MODULE_OPTIONS, options, { variables, defaults })
  const { given, resolved } = read
  const wrong = [...read.faults, ...read.unknown.map(({ fault }) => fault)]
  if (wrong.length > 0) return { faults: wrong }
  const transport = resolveTransport({ given, resolved, sources: read.sources, variables })
  const faults = [
    ...transport.faults, ...remoteFaults(resolved.remotes), ...telemetryFaults(resolved.telemetry),
    ...transport.isOpen && !resolved.insecure ? [openFault(transport.opening)] : [],
    ...validationFaults('forRoot', resolved.validation)
  ]
  if (faults.length > 0) return { faults }
  const named = remotePaths(resolved.remotes)
  const listened = listenedPaths(resolved.listeners, resolved.services)
  const remotes = { ...named, paths: [...new Set([...named.paths, ...listened])] }
  const log = new Log(resolved.logger)
  return {
    faults: [],
    resolved: {
      options: resolved,
      remotes,
      log,
      isOpen: transport.isOpen,
      warnings: [...read.warnings, ...transport.warnings, ...unknownVariables(MODULE_OPTIONS, variables)],
      settings: () => settingsOf(resolved, remotes, {
        log,
        address: transport.address,
        isInspected: !transport.isOpen,
        given: hideSecrets(given, MODULE_OPTIONS),
        transport: transport.make()
      })
    }
  }
}

function settingsOf (
  options: ResolvedModule['options'], { paths, keys }: RemotePaths,
  node: Pick<NodeExtras, 'log' | 'address' | 'isInspected' | 'given' | 'transport'>
): MeshOptions {
  const { services, validation, validateAtCaller, strictContracts } = options
  return toMeshSettings(options, {
    startsWithApp: true,
    startDelay: undefined,
    howToStart: 'call start(), or listen() of its app',
    remotes: paths,
    remoteKeys: keys,
    neededRemotes: paths,
    services,
    validation,
    validateAtCaller,
    strictContracts,
    ...node
  })
}
