import { connect } from 'node:net'
import { Connection } from '../connection'
import { readArgument, readString } from '../frame-argument'
import type { Frame } from '../frame-parser'
import { MalformedFrame } from '../malformed-frame'

export interface FeedOptions {
  readonly address: string
  readonly port: number
  readonly connectTimeout: number
  readonly maxMessageSize: number
  readonly onOpen?: () => void
  readonly onMessage: (event: string, data: unknown) => void
  /** Called once; `opened` tells whether there ever was a connection. */
  readonly onClose: (opened: boolean) => void
}

/** The connection of a subscriber to a publisher of an old node. */
export class Feed {
  readonly startedAt = Date.now()
  private readonly connection: Connection

  constructor (private readonly options: FeedOptions) {
    const socket = connect({ host: options.address, port: options.port })
    let opened = false
    socket.setTimeout(options.connectTimeout, () => socket.destroy())
    socket.once('connect', () => {
      opened = true
      socket.setTimeout(0)
      options.onOpen?.()
    })
    this.connection = new Connection(socket, {
      maxMessageSize: options.maxMessageSize,
      onFrame: frame => this.onFrame(frame),
      onClose: () => options.onClose(opened)
    })
  }

  destroy (): void {
    this.connection.destroy()
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedFrame('a message without a topic')
    // The topic is `message::namespace::event`, and an event may have colons of its own.
    const event = readString(frame, 0).split('::').slice(2).join('::')
    this.options.onMessage(event, readArgument(frame, 1))
  }
}
