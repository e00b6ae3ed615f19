import type { Application, RealTimeConnection } from '@feathersjs/feathers'
import { runMethod } from '@feathersjs/transport-commons/lib/socket/utils'

/** A connected client of @feathersjs/socketio. */
interface ClientSocket {
  readonly feathers: RealTimeConnection
  listenerCount (event: string): number
  /** Clients send the path of a service first. */
  on (event: string, listener: (path: string, ...args: unknown[]) => void): void
}

/** What @feathersjs/socketio adds to an app. */
interface WithSockets {
  readonly io?: { readonly sockets?: { readonly sockets?: ReadonlyMap<string, ClientSocket> } }
}

/**
 * Lets connected clients call methods that no service had when they connected. Feathers' socket transport adds the
 * handlers of methods to a socket only once, when it connects.
 */
export function handleOnConnectedSockets (app: Application, methods: readonly string[]): void {
  // An app without that transport has no such property.
  const { io } = app as WithSockets
  io?.sockets?.sockets?.forEach(socket => {
    for (const method of methods) {
      if (socket.listenerCount(method) > 0) continue
      socket.on(method, (path, ...args) => { void runMethod(app, socket.feathers, path, method, args) })
    }
  })
}
