import type { Application, RealTimeConnection } from '@feathersjs/feathers'
import { runMethod } from '@feathersjs/transport-commons/lib/socket/utils'

/** Handles a method for the client that it is called on. */
type Handler = (this: ClientSocket, path: string, ...args: unknown[]) => void

/** A connected client of @feathersjs/socketio. */
interface ClientSocket {
  readonly feathers: RealTimeConnection
  listenerCount (event: string): number
  /** Clients send the path of a service first. */
  on (event: string, handler: Handler): void
  off (event: string, handler: Handler): void
}

/** What @feathersjs/socketio adds to an app. */
interface WithSockets {
  readonly io?: { readonly sockets?: { readonly sockets?: ReadonlyMap<string, ClientSocket> } }
}

/** How many names of methods connected clients can call beyond those that were there when they connected. */
const MAX_METHODS = 10_000

/**
 * Lets connected clients call methods that no service had when they connected. Feathers' socket transport adds the
 * handlers of methods to a socket only once, when it connects.
 */
export class SocketMethods {
  /** The handlers by method, the one that was offered longest ago first. */
  private readonly handlers = new Map<string, Handler>()
  private readonly offered = new Set<string>()

  constructor (private readonly app: Application, private readonly maxMethods = MAX_METHODS) {}

  /** A service has these methods. */
  offer (methods: readonly string[]): void {
    // A socket that connects later gets the methods of all services.
    if (methods.length === 0 || (this.sockets?.size ?? 0) === 0) return
    // Once for all services of a node.
    if (this.offered.size === 0) queueMicrotask(() => this.handle())
    for (const method of methods) this.offered.add(method)
  }

  private handle (): void {
    for (const method of this.offered) {
      const handler = this.handlers.get(method) ?? this.makeHandler(method)
      this.handlers.delete(method)
      this.handlers.set(method, handler)
      this.sockets?.forEach(socket => { if (socket.listenerCount(method) === 0) socket.on(method, handler) })
    }
    this.offered.clear()
    // Peers choose the names of methods, and may offer ever other ones.
    for (const [method, handler] of this.handlers) {
      if (this.handlers.size <= this.maxMethods) return
      this.handlers.delete(method)
      this.sockets?.forEach(socket => socket.off(method, handler))
    }
  }

  private makeHandler (method: string): Handler {
    const { app } = this
    return function (path, ...args) { void runMethod(app, this.feathers, path, method, args) }
  }

  private get sockets (): ReadonlyMap<string, ClientSocket> | undefined {
    // An app without that transport has no such property.
    const { io } = this.app as WithSockets
    return io?.sockets?.sockets
  }
}
