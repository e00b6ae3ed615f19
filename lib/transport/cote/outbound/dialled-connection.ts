import type { Socket } from 'node:net'
import type { OnRejected } from '../../rejections'
import { RateLimit } from '../../session/rate-limit'
import { plainAddress } from '../addresses'
import type { ConnectionLimits } from '../cote-options'
import { Connection, connectionSettings, type ConnectionSettings } from '../wire/connection'
import type { Frame } from '../wire/frame-parser'

/** What a {@link DialledConnection} needs of who speaks on it. */
export interface DialOptions extends ConnectionSettings, Pick<ConnectionLimits, 'connectTimeout'> {
  readonly address: string
  /** Opens a socket; `onReady` is called when the other side has proven what it has to. */
  readonly dial: (onReady: () => void) => Socket
  /** Messages a second that are taken from the other side; all without it. */
  readonly maxEventRate?: number
  readonly onRejected?: OnRejected
  /** The process, or its machine, has no more sockets. */
  readonly onShortage?: () => void
  readonly onOpen: () => void
  readonly onFrame: (frame: Frame) => void
  /** Called once; `opened` tells whether there ever was a connection. */
  readonly onClose: (opened: boolean) => void
}

/** The codes of errors that say nothing about the other side: this one is short of sockets, or of what they take. */
const SHORTAGES = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']

/** A TCP connection that this node makes, from the first packet on. */
export class DialledConnection {
  /** When it was begun, as `performance.now()` gives it. */
  readonly startedAt = performance.now()
  /** Whether there ever was a connection. */
  opened = false
  /** What broke the connection. */
  failure: string | undefined
  readonly connection: Connection
  readonly whenClosed: Promise<void>
  private readonly socket: Socket
  private readonly rateLimit: RateLimit

  constructor (private readonly options: DialOptions) {
    const { address, connectTimeout, maxEventRate = Infinity, onRejected, onOpen, onClose } = options
    const socket = this.socket = options.dial(() => {
      this.opened = true
      socket.setTimeout(0)
      onOpen()
    })
    socket.setTimeout(connectTimeout, () => {
      this.failure = `no answer within ${connectTimeout} ms`
      socket.destroy()
    })
    socket.once('error', ({ message, code = '' }: NodeJS.ErrnoException) => {
      this.failure = message
      if (SHORTAGES.includes(code)) options.onShortage?.()
    })
    this.whenClosed = new Promise(resolve => { socket.once('close', () => resolve()) })
    this.rateLimit = new RateLimit(socket, maxEventRate, () => onRejected?.('throttledEvents', address))
    this.connection = new Connection(socket, {
      ...connectionSettings(options),
      onFrame: options.onFrame,
      onMalformed: reason => onRejected?.(reason, address),
      onCostly: (_frame, reason) => onRejected?.('costlyValue', address, reason),
      onClose: () => {
        this.rateLimit.stop()
        onClose(this.opened)
      }
    })
  }

  /** Bytes that came from the other side. */
  get bytesRead (): number {
    return this.socket.bytesRead
  }

  /** The address of the other side. */
  get remoteAddress (): string {
    return plainAddress(this.socket.remoteAddress ?? this.options.address)
  }

  /** Counts a message that nobody asked for: too many a second pause the connection. */
  countMessage (): void {
    this.rateLimit.count()
  }

  /** Closes after what was sent has left. Nobody waits for what the other side still sends. */
  close (): void {
    this.connection.close()
    this.socket.end(() => this.connection.destroy())
  }
}
