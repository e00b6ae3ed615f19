import type { Application } from '@feathersjs/feathers'
import { ConfigurationError } from '../errors'
import { Mesh, meshOf } from '../feathers/mesh'
import type { DistributionOptions } from '../options/plugin-options'
import { emitWarnings } from '../options/resolution'
import { resolvePlugin } from '../options/resolve-plugin'

const ADVICE = "keep it on this machine with cote: { broadcast: '127.255.255.255' }, " +
  'give all nodes the same secret or certificates, or use DistributedModule.forRoot'

/**
 * The plugin that takes the place of `@kalisio/feathers-distributed`, with its options and defaults.
 *
 * As with that one, the mesh is open: any program that reaches it can call its services. A warning reports this, unless
 * the options keep the node on this machine, or give it a secret or certificates. `DistributedModule.forRoot` is closed
 * where this one is open.
 *
 * @throws {@link ConfigurationError} from `app.configure`, with all faults of the options together
 * @example
 * ```ts
 * app.configure(distribution({ key: 'todos', services: ['todos'] }))
 * ```
 */
export function distribution (options: DistributionOptions = {}): (app: Application) => void {
  return app => {
    const { faults, resolved } = resolvePlugin(options)
    const taken = meshOf(app) === undefined ? [] : ['this app is on the mesh already; one app is one node']
    if (resolved === undefined || taken.length > 0) throw new ConfigurationError([...faults, ...taken])

    emitWarnings(resolved, ADVICE)
    const mesh = new Mesh(app, resolved.settings())
    mesh.attach()
    if (resolved.startDelay !== undefined) mesh.startAfter(resolved.startDelay)
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
