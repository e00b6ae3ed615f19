import type { Application, HookContext, NextFunction } from '@feathersjs/feathers'
import type {} from '@feathersjs/socketio'

/** A hook for the teardown of an app: put before those of the mesh, it closes the connections of clients first. */
export async function disconnectClients ({ app }: HookContext<Application>, next: NextFunction): Promise<void> {
  await app.io?.close()
  await next()
}
