import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Connection } from '../../lib/transport/cote/wire/connection'
import { argumentsOf } from '../transport/cote/collect'
import { frame } from '../transport/cote/wire'

/** A connection to a node of somebody who knows the wire, and keeps to nothing. */
export class RawConnection {
  /** All that came back, a list of arguments each. */
  readonly frames: unknown[][] = []
  closed = false

  private constructor (readonly socket: Socket) {
    new Connection(socket, {
      maxMessageSize: 2 ** 30,
      onFrame: received => this.frames.push(argumentsOf(received)),
      onClose: () => { this.closed = true }
    })
  }

  static async to (port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Asks something, under an id. */
  ask (id: string, request: object): void {
    this.socket.write(frame(`j:${JSON.stringify({ key: 'default', ...request })}`, `s:${id}`))
  }

  /** The arguments of its reply without the id, or undefined while there is no reply. */
  answer (id: string): unknown[] | undefined {
    return this.frames.find(args => args.at(-1) === id)?.slice(0, -1)
  }
}
