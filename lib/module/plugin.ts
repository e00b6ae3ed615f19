import type { Application } from '@feathersjs/feathers'
import { STANDARD_METHODS } from '../contract/contract'
import { stripSlashes } from '../contract/path'
import { ConfigurationError } from '../errors'
import { Mesh, meshOf } from '../feathers/mesh'
import type { CoteOptions } from '../transport/cote/cote-options'
import { distributionFaults, unknownOptions } from './check-options'
import { fromEnvironment, toMeshOptions, type MeshDefaults } from './mesh-options'
import { isOpen, warnOfOpenness } from './openness'
import type { DistributionOptions } from './options'
import { hideSecrets } from './security-options'

/** Where feathers-distributed looks for other nodes by default: everywhere in the network of the machine. */
const OPEN: CoteOptions = { broadcast: '255.255.255.255' }

const ADVICE = "keep it on this machine with cote: { broadcast: '127.255.255.255' }, " +
  'give all nodes the same secret or certificates, or use DistributedModule.forRoot'

/**
 * The plugin that takes the place of `@kalisio/feathers-distributed`, with its options and defaults.
 *
 * As with that one, the mesh is open: whoever reaches a port can call. It says so in a warning, unless
 * the options keep it on this machine, or give it a secret. `DistributedModule.forRoot` is closed where this one
 * is open.
 *
 * @throws {@link ConfigurationError} from `app.configure`, with all faults of the options together
 * @example
 * ```ts
 * app.configure(distribution({ key: 'todos', services: ['todos'] }))
 * ```
 */
export function distribution (options: DistributionOptions = {}): (app: Application) => void {
  return app => {
    const cote = openUnlessSaid(options?.cote ?? {})
    const faults = distributionFaults(options, cote)
    if (meshOf(app) !== undefined) faults.push('this app is on the mesh already; one app is one node')
    if (faults.length > 0) throw new ConfigurationError(faults)

    for (const unknown of unknownOptions(options)) process.emitWarning(`feathers-mesh: ${unknown}`)
    if (isOpen({ ...options, cote })) warnOfOpenness(ADVICE)
    const distributedMethods = options.distributedMethods ?? STANDARD_METHODS
    const defaults = whenConfigured(options)
    const meshOptions = toMeshOptions({ ...options, distributedMethods, cote }, defaults)
    const mesh = new Mesh(app, { ...meshOptions, given: hideSecrets(options) })
    mesh.attach()
    if (defaults.startDelay !== undefined) mesh.startAfter(defaults.startDelay)
  }
}

/**
 * Joins the mesh now, for an app that was configured with `coteDelay: -1`, or that left it by {@link finalize}.
 *
 * @throws {@link ConfigurationError} when the plugin was not configured, or when a port is taken
 */
export async function initialize (app: Application): Promise<void> {
  const mesh = meshOf(app)
  if (mesh === undefined) throw new ConfigurationError(['initialize(app) needs app.configure(distribution()) first'])
  await mesh.start()
}

/** Leaves the mesh: lets calls under way finish, and closes all that is open. Does nothing for other apps. */
export async function finalize (app: Application): Promise<void> {
  await meshOf(app)?.stop()
}

/** The plugin joins when it is configured, not when its app is set up. */
function whenConfigured ({ coteDelay, remotes }: DistributionOptions): MeshDefaults {
  const delay = coteDelay ?? fromEnvironment('COTE_DELAY') ?? 0
  // -1: the caller does it.
  const startDelay = delay < 0 ? undefined : delay
  return { startsWithApp: false, startDelay, remotes: (remotes ?? []).map(stripSlashes) }
}

/** feathers-distributed's range of ports, where one end of it is given; else none is needed here. */
function openUnlessSaid (cote: CoteOptions): CoteOptions {
  const basePort = cote.basePort ?? fromEnvironment('BASE_PORT')
  const highestPort = cote.highestPort ?? fromEnvironment('HIGHEST_PORT')
  const isSaid = basePort !== undefined || highestPort !== undefined
  return {
    ...OPEN,
    ...cote,
    ...isSaid ? { basePort: basePort ?? 10_000, highestPort: highestPort ?? 20_000 } : {}
  }
}
