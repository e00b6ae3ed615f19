import type { OwnRoutes } from './own-routes'
import { ID } from './remote-routes'

/** So many paths are told of: peers choose them. */
const MAX_HIDDEN = 100

/** Tells once of each service of another node that clients don't see, as the app answers its path itself. */
export class HiddenPaths {
  private readonly told = new Set<string>()

  /** Looks whether routes of the app's own services hide a path of other nodes. */
  look (path: string, own: OwnRoutes): void {
    const found = own.covering(path)
    if (found !== undefined) return this.tell(path, found)
    const ofRecords = own.covering(`${path}/${ID}`)
    if (ofRecords !== undefined) this.tell(path, ofRecords, `what has an id in the service '${path}' of other nodes`)
  }

  /** @param asked - the path that a client asked for: that of the service, or of something in it */
  tellOfRequest (path: string, route: string, asked: string): void {
    if (asked === path) this.tell(path, route)
    else this.tell(path, route, `what '${route}' matches of the service '${path}' of other nodes`)
  }

  tell (path: string, route: string, what = `the service '${path}' of other nodes`): void {
    if (this.told.has(path) || this.told.size >= MAX_HIDDEN) return
    this.told.add(path)
    const last = this.told.size === MAX_HIDDEN ? '; no more of them will be told of' : ''
    process.emitWarning(`clients don't reach ${what}: this app answers that path itself, by '${named(route)}'. ` +
      `In this process app.service('${path}') does reach it; remoteServicePath can give it another path${last}`,
    { code: 'FEATHERS_MESH_ROUTE' })
  }
}

function named (route: string): string {
  return route.endsWith(`/${ID}`) ? `${route.slice(0, -ID.length)}:id` : route
}
