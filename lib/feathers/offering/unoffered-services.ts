import type { Application } from '@feathersjs/feathers'
import { nearestName } from '../../contract/nearest-name'
import { pathFault } from '../../contract/path'
import type { NodeLog } from '../../log'
import type { Registry } from '../../registry/registry'
import { findService, isHealthService, isRemote, servicesOf } from '../app/feathers-app'

/** How long the services of an app that is never set up may take to be registered. */
const REGISTRATION_MS = 2_000

/** What services are looked for, and where. */
export interface UnofferedServicesOptions {
  readonly registry: Registry
  /** The paths that the option `services` lists. */
  readonly names: readonly string[]
  readonly log: NodeLog
}

/** Warns once of each service that the option `services` names and that is not offered: the name may be wrong. */
export class UnofferedServices {
  private readonly warned = new Set<string>()
  private timer: NodeJS.Timeout | undefined

  constructor (private readonly app: Application, private readonly options: UnofferedServicesOptions) {}

  /** Checks now, when the services should be registered. */
  warn (): void {
    const { registry, names, log } = this.options
    clearTimeout(this.timer)
    for (const name of names) {
      if (this.warned.has(name) || registry.contract(name) !== undefined) continue
      this.warned.add(name)
      const reason = this.reason(name)
      if (reason === undefined) continue
      const text = `option 'services' names '${name}', ${reason}`
      log.tell('FEATHERS_MESH_NOT_OFFERED', text, { path: name, option: 'services' })
    }
  }

  /** Checks when the program had time to register its services, unless its app is set up before. */
  warnLater (delay: number): void {
    clearTimeout(this.timer)
    if (this.options.names.length > 0) this.timer = setTimeout(() => this.warn(), delay + REGISTRATION_MS).unref()
  }

  /** Does not check any more. */
  stop (): void {
    clearTimeout(this.timer)
  }

  private reason (name: string): string | undefined {
    // It got its warning when it was registered.
    if (pathFault(name) !== undefined) return undefined
    const service = findService(this.app, name)
    if (service === undefined) return `where the app has no service${this.suggestion(name)}`
    if (isRemote(service)) return 'where the app has a service of another node, which is not offered again'
    if (isHealthService(service)) return 'which tells the health of this node and is not offered'
    return 'which has no method that can be called over the mesh'
  }

  private suggestion (name: string): string {
    const own = Object.entries(servicesOf(this.app))
      .filter(([, service]) => !isRemote(service) && !isHealthService(service))
      .map(([path]) => path)
    const nearest = nearestName(name, own)
    if (nearest !== undefined) return `; did you mean '${nearest}'?`
    return own.length === 0 ? '' : `; it has: ${own.sort().join(', ')}`
  }
}
