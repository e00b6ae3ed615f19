import { ConfigurationError } from '../../errors'
import { LineLimit } from '../../line-limit'
import type { NodeLog } from '../../log'
import { messageOf } from '../../printable'
import { contain } from '../boundary'
import { within } from '../drain'
import { OutageLines } from '../outage-lines'
import type { OnRejected } from '../rejections'
import type { ClientConnection, NatsClient } from './client'

/** Time from one try to reach a server to the next, shared out at random, so that nodes don't come all at once. */
const RETRY_MS = 50
/** The same where the server is there and takes no user like this one. */
const REFUSED_MS = 1_000
/** How long a start waits for a server that can't be reached; the node takes it when it comes. */
const START_MS = 2_000
/** How long a server may take to answer when the node connects. */
const CONNECT_MS = 2_000
/** How often the server is asked for a sign of life, and how often it may owe one; peers are watched more closely. */
const PING_MS = 2_000
const UNANSWERED_PINGS = 2
/** How long the last words of a node may take to leave. */
const CLOSE_MS = 1_000
/** Bytes of a message that a server has to take: the heads of one, and the shortest piece of a longer one. */
const LEAST_PAYLOAD = 8 * 1024
/** After so many bytes the server is asked whether it has them. */
const MARK_BYTES = 256 * 1024

/** What a {@link NatsConnection} needs of its transport. */
export interface ConnectionOptions {
  readonly client: NatsClient
  /** Options of the client: servers and credentials. They may be read again for each connection. */
  readonly place: () => Promise<object>
  /** How messages name the servers, without credentials. */
  readonly title: string
  readonly onRejected: OnRejected
  readonly log: NodeLog | undefined
  /** There is a connection, without any subscription so far. */
  readonly onUp: () => void
  /** It is lost, and with it what was on its way. */
  readonly onDown: () => void
  /** The server has taken what waited to leave. */
  readonly onDrain: () => void
}

/** Takes what comes on a subject. */
export type OnBytes = (subject: string, bytes: Buffer) => void

/**
 * The connection to a NATS server, made again each time that it is lost. The client's own way to reconnect is not used:
 * it would keep subscriptions and messages of before, and nothing here may arrive that was sent to an earlier life.
 */
export class NatsConnection {
  private current: ClientConnection | undefined
  private isClosed = false
  private timer: NodeJS.Timeout | undefined
  private written = 0
  private taken = 0
  private isMarking = false
  private answered = 0
  private readonly limit = new LineLimit()
  private readonly lines: OutageLines
  private wake = (): void => {}

  constructor (private readonly options: ConnectionOptions) {
    const { log } = options
    this.lines = new OutageLines({ log, lost: 'FEATHERS_MESH_SERVER_LOST', back: 'FEATHERS_MESH_SERVER_BACK' })
  }

  /** The connection of the client, while there is one. */
  get client (): ClientConnection | undefined {
    return this.current
  }

  /** Bytes that wait to be taken by the server. */
  get waiting (): number {
    return this.written - this.taken
  }

  /** When the server answered {@link ask} for the last time. */
  get answeredAt (): number {
    return this.answered
  }

  /** Asks the server for a sign of life. */
  ask (): void {
    this.current?.flush().then(() => { this.answered = performance.now() }, () => {})
  }

  /** The most bytes that the server takes in one message. */
  get maxPayload (): number {
    return this.current?.info?.max_payload ?? 0
  }

  /**
   * Connects; resolves when there is a connection, or when none could be made for a while: the node waits for it then.
   *
   * @throws what the client throws where the server is there and refuses the node
   * @throws {@link ConfigurationError} where the server takes too short messages only
   */
  async start (): Promise<void> {
    const started = new Promise<void>(resolve => { this.wake = resolve })
    const timeout = setTimeout(this.wake, START_MS)
    try {
      await this.connect()
      await started
    } finally {
      clearTimeout(timeout)
    }
  }

  /** Gives a message to the server; without a connection it is gone, which sessions that have ended don't mind. */
  publish (subject: string, data: Uint8Array, reply?: string): void {
    const { current } = this
    if (current === undefined) return
    current.publish(subject, data, reply === undefined ? undefined : { reply })
    this.written += data.length
    if (this.written - this.taken > MARK_BYTES && !this.isMarking) void this.mark(current)
  }

  /** Subscribes by the current connection; returns what ends it. */
  subscribe (subject: string, onBytes: OnBytes): () => void {
    const subscription = this.current?.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return this.tell(`may not subscribe to ${subject}: ${messageOf(error)}`)
        const { buffer, byteOffset, byteLength } = message.data
        const bytes = Buffer.from(buffer, byteOffset, byteLength)
        // What the client gets thrown at ends its connection.
        contain(this.options.onRejected, 'nats', () => onBytes(message.subject, bytes))
      }
    })
    return () => subscription?.unsubscribe()
  }

  /** Gives the server what is left, and ends the connection. */
  async close (): Promise<void> {
    this.isClosed = true
    clearTimeout(this.timer)
    this.lines.stop()
    this.wake()
    const { current } = this
    this.current = undefined
    if (current === undefined) return
    // The client answers nothing of a connection that is lost.
    await within(CLOSE_MS, current.flush().catch(() => {}))
    await within(CLOSE_MS, current.close())
  }

  private async connect (isFirst = true): Promise<void> {
    const { client, place } = this.options
    try {
      const made = await client.connect({
        ...await place(), reconnect: false, noEcho: true, timeout: CONNECT_MS, pingInterval: PING_MS,
        maxPingOut: UNANSWERED_PINGS, ignoreClusterUpdates: true
      })
      if (this.isClosed) return await made.close()
      await this.check(made)
      this.take(made)
    } catch (error) {
      if (isFirst && isRefusal(error)) throw error
      this.onFailure(messageOf(error), isRefusal(error) ? REFUSED_MS : RETRY_MS)
    }
  }

  /** A server that gets a longer message than it takes ends the connection, each time again. */
  private async check (made: ClientConnection): Promise<void> {
    const payload = made.info?.max_payload ?? LEAST_PAYLOAD
    if (payload >= LEAST_PAYLOAD) return
    await made.close()
    throw new ConfigurationError([
      `${this.options.title} takes messages of ${payload} bytes, and nodes need ${LEAST_PAYLOAD}: set its max_payload`
    ])
  }

  private take (made: ClientConnection): void {
    this.current = made
    this.written = this.taken = 0
    this.isMarking = false
    void this.follow(made)
    void made.closed().then(reason => this.lose(made, messageOf(reason ?? 'the connection broke')))
    contain(this.options.onRejected, 'nats', this.options.onUp)
    this.wake()
    this.lines.back(`${this.options.title} is back, and this node is on its mesh again`)
  }

  /** Tells what the server has against what this node does; the connection goes on. */
  private async follow (made: ClientConnection): Promise<void> {
    for await (const { type, error } of made.status()) {
      if (type === 'error' && error !== undefined && !this.isClosed) this.tell(`told this node: ${messageOf(error)}`)
    }
  }

  private lose (lost: ClientConnection, reason: string): void {
    if (lost !== this.current) return
    this.current = undefined
    contain(this.options.onRejected, 'nats', this.options.onDown)
    this.onFailure(reason)
  }

  private onFailure (reason: string, pauseMs = RETRY_MS): void {
    if (this.isClosed) return
    this.lines.lost(`${this.options.title} can't be reached (${reason}); calls wait until it is back`)
    this.timer = setTimeout(() => { void this.connect(false) }, pauseMs * (1 + Math.random()))
  }

  private async mark (current: ClientConnection): Promise<void> {
    const { written } = this
    this.isMarking = true
    const isTaken = await current.flush().then(() => true, () => false)
    if (current !== this.current) return
    this.isMarking = false
    if (!isTaken) return
    this.taken = written
    contain(this.options.onRejected, 'nats', this.options.onDrain)
    // What was written meanwhile: nobody else asks, if nothing more may be sent for it.
    if (this.waiting > MARK_BYTES && !this.isMarking) void this.mark(current)
  }

  private tell (text: string): void {
    const { log, title } = this.options
    log?.tell('FEATHERS_MESH_TRANSPORT', `${title} ${text}`, undefined, this.limit)
  }
}

/** Whether the server is there and does not take the node as it is: another try would end the same way. */
function isRefusal (error: unknown): boolean {
  if (error instanceof ConfigurationError) return true
  return error instanceof Error && ['AuthorizationError', 'UserAuthenticationExpiredError'].includes(error.name)
}
