import type { NodeLog } from '../../log'
import type { OwnRoutes } from './own-routes'
import { ID } from './remote-routes'

/** How many paths get a warning: peers choose them. */
const MAX_WARNINGS = 100

/** Warns once of each remote service that clients can't reach, because the app answers its path itself. */
export class HiddenPaths {
  private readonly warned = new Set<string>()

  constructor (private readonly log: NodeLog) {}

  /** Warns where routes of the app's own services hide the path of a remote service. */
  check (path: string, own: OwnRoutes): void {
    const found = own.covering(path)
    if (found !== undefined) return this.warn(path, found)
    const ofRecords = own.covering(`${path}/${ID}`)
    if (ofRecords !== undefined) this.warn(path, ofRecords, `what has an id in the service '${path}' of other nodes`)
  }

  /**
   * Warns of a route that took the request of a client.
   *
   * @param asked - the path that the client asked for: that of the service, or of something in it
   */
  warnOfRequest (path: string, route: string, asked: string): void {
    if (asked === path) this.warn(path, route)
    else this.warn(path, route, `what '${route}' matches of the service '${path}' of other nodes`)
  }

  /** Warns of a route that hides a service, or a part of it. */
  warn (path: string, route: string, what = `the service '${path}' of other nodes`): void {
    if (this.warned.has(path) || this.warned.size >= MAX_WARNINGS) return
    this.warned.add(path)
    const last = this.warned.size === MAX_WARNINGS ? '; further ones are not reported' : ''
    const text = `clients don't reach ${what}: this app answers that path itself, by '${named(route)}'. ` +
      `In this process app.service('${path}') does reach it; remoteServicePath can give it another path${last}`
    this.log.tell('FEATHERS_MESH_ROUTE', text, { path })
  }
}

function named (route: string): string {
  return route.endsWith(`/${ID}`) ? `${route.slice(0, -ID.length)}:id` : route
}
