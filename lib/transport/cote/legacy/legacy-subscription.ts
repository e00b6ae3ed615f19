import { connect } from 'node:net'
import { MalformedMessage } from '../../transport'
import { DialledConnection, type DialOptions } from '../outbound/dialled-connection'
import { readArgument, readString } from '../wire/frame-argument'
import type { Frame } from '../wire/frame-parser'

/** What a {@link LegacySubscription} needs of its publisher. */
export interface LegacySubscriptionOptions extends Omit<DialOptions, 'dial' | 'onOpen' | 'onFrame'> {
  readonly port: number
  readonly onOpen?: () => void
  readonly onMessage: (event: string, data: unknown) => void
}

/** A subscriber's connection to a publisher of a node of feathers-distributed. */
export class LegacySubscription {
  private readonly dialled: DialledConnection

  constructor (private readonly options: LegacySubscriptionOptions) {
    const { address: host, port, onOpen } = options
    this.dialled = new DialledConnection({
      ...options,
      dial: onReady => connect({ host, port }).once('connect', onReady),
      onOpen: () => onOpen?.(),
      onFrame: frame => this.onFrame(frame)
    })
  }

  /** When it was begun, as `performance.now()` gives it. */
  get startedAt (): number {
    return this.dialled.startedAt
  }

  /** Why there is no connection; undefined where nobody knows. */
  get failure (): string | undefined {
    return this.dialled.failure
  }

  /** Closes the connection now. */
  destroy (): void {
    this.dialled.connection.destroy()
  }

  private onFrame (frame: Frame): void {
    if (frame.count < 2) throw new MalformedMessage('a message without a topic')
    this.dialled.countMessage()
    // The topic is `message::namespace::event`, and an event may have colons of its own.
    const event = readString(frame, 0).split('::').slice(2).join('::')
    this.options.onMessage(event, readArgument(frame, 1))
  }
}
