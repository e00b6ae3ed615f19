import type { Application, RealTimeConnection } from '@feathersjs/feathers'
import { runMethod } from '@feathersjs/transport-commons/lib/socket/utils'

/** A connected client of @feathersjs/socketio. */
interface ClientSocket {
  readonly feathers: RealTimeConnection
  listenerCount (event: string): number
  on (event: string, listener: (...args: unknown[]) => void): void
}

interface SocketApp {
  readonly io?: { readonly sockets?: { readonly sockets?: ReadonlyMap<string, ClientSocket> } }
}

/**
 * Lets clients that are connected already call methods that no service had when they came:
 * Feathers' socket transport gives a socket its handlers only once, at its connection.
 */
export function handleOnConnectedSockets (app: Application, methods: readonly string[]): void {
  const sockets = (app as SocketApp).io?.sockets?.sockets
  sockets?.forEach(socket => {
    for (const method of methods) {
      if (socket.listenerCount(method) > 0) continue
      socket.on(method, (path, ...args) => { void runMethod(app, socket.feathers, path as string, method, args) })
    }
  })
}
