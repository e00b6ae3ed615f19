import { connect } from 'node:net'
import type { OnRejected } from '../../rejections'
import { Connection } from '../wire/connection'
import { RateLimit } from '../../session/rate-limit'
import { readArgument, readString } from '../wire/frame-argument'
import { MalformedFrame, type Frame } from '../wire/frame-parser'

export interface LegacySubscriptionOptions {
  readonly address: string
  readonly port: number
  readonly connectTimeout: number
  readonly maxMessageSize: number
  /** Messages a second that are taken from the publisher; all without it. */
  readonly maxEventRate?: number
  readonly onRejected?: OnRejected
  readonly onOpen?: () => void
  readonly onMessage: (event: string, data: unknown) => void
  /** Called once; `opened` tells whether there ever was a connection. */
  readonly onClose: (opened: boolean) => void
}

/** The connection of a subscriber to a publisher of an old node. */
export class LegacySubscription {
  readonly startedAt = Date.now()
  private readonly connection: Connection
  private readonly pace: RateLimit

  constructor (private readonly options: LegacySubscriptionOptions) {
    const socket = connect({ host: options.address, port: options.port })
    let opened = false
    socket.setTimeout(options.connectTimeout, () => socket.destroy())
    socket.once('connect', () => {
      opened = true
      socket.setTimeout(0)
      options.onOpen?.()
    })
    const { address, maxMessageSize, maxEventRate = Infinity, onRejected } = options
    this.pace = new RateLimit(socket, maxEventRate, () => onRejected?.('throttledEvents', address))
    this.connection = new Connection(socket, {
      maxMessageSize,
      onFrame: frame => this.onFrame(frame),
      onMalformed: reason => onRejected?.(reason, address),
      onClose: () => options.onClose(opened)
    })
  }

  destroy (): void {
    this.connection.destroy()
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedFrame('a message without a topic')
    this.pace.count()
    // The topic is `message::namespace::event`, and an event may have colons of its own.
    const event = readString(frame, 0).split('::').slice(2).join('::')
    this.options.onMessage(event, readArgument(frame, 1))
  }
}
