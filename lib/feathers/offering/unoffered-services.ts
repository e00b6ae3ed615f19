import type { Application } from '@feathersjs/feathers'
import { nearestName } from '../../contract/nearest-name'
import { pathFault } from '../../contract/path'
import type { Registry } from '../../registry/registry'
import { findService } from '../feathers-app'
import { isHealthService } from '../showing/healthcheck'
import { isRemote } from './hosted-services'

/** Milliseconds in which a program that is never set up registers its services. */
const GRACE = 2_000

/** Services that the options say are to be offered, and are not: a name may be wrong. Each is told of once. */
export class UnofferedServices {
  private readonly told = new Set<string>()
  private timer: NodeJS.Timeout | undefined

  /** @param names - the paths that the option `services` lists */
  constructor (
    private readonly app: Application, private readonly registry: Registry, private readonly names: readonly string[]
  ) {}

  /** Looks now, when the services should be there. */
  warn (): void {
    clearTimeout(this.timer)
    for (const name of this.names) {
      if (this.told.has(name) || this.registry.contract(name) !== undefined) continue
      this.told.add(name)
      const reason = this.reason(name)
      if (reason !== undefined) process.emitWarning(`option 'services' names '${name}', ${reason}`)
    }
  }

  /** Looks when a program had time to register its services, unless its app is set up before. */
  warnLater (delay: number): void {
    clearTimeout(this.timer)
    if (this.names.length > 0) this.timer = setTimeout(() => this.warn(), delay + GRACE).unref()
  }

  stop (): void {
    clearTimeout(this.timer)
  }

  private reason (name: string): string | undefined {
    // That was said when it was registered.
    if (pathFault(name) !== undefined) return undefined
    const service = findService(this.app, name)
    if (service === undefined) return `where the app has no service${this.suggestion(name)}`
    if (isRemote(service)) return 'where the app has a service of another node, which is not offered again'
    if (isHealthService(service)) return 'which tells the health of this node and is not offered'
    return 'which has no method that can be called over the mesh'
  }

  private suggestion (name: string): string {
    const own = Object.entries(this.app.services as Record<string, object>)
      .filter(([, service]) => !isRemote(service) && !isHealthService(service))
      .map(([path]) => path)
    const nearest = nearestName(name, own)
    if (nearest !== undefined) return `; did you mean '${nearest}'?`
    return own.length === 0 ? '' : `; it has: ${own.sort().join(', ')}`
  }
}
