import { inspect } from 'node:util'
import { HIDDEN, messageOf } from '../../../../printable'
import { isText } from '../../../../record'
import type { Pausable } from '../../../session/rate-limit'
import { plainAddress } from '../../addresses'
import { debug } from '../../debug'
import type { MakeClient, RedisClient } from './ioredis'
import type { RedisPlace } from './redis-place'

/** How long a server may take for each answer. */
const ANSWER_TIMEOUT_MS = 5_000

/** What a {@link RedisPair} is made of. */
export interface PairOptions {
  readonly place: RedisPlace
  readonly make: MakeClient
  /** How long the server may take to accept a connection, in ms, unless its options say so. */
  readonly connectTimeout: number
  /** The channel that packets are sent to, which this node has to hear. */
  readonly channel: string
  /** A channel to hear as well, where the server allows it. */
  readonly other: string
  readonly onMessage: (channel: string, text: string) => void
  /** The pair is of no use any more. It is called once, and not after `close`. */
  readonly onLost: (reason: string) => void
}

/** Two connections to a Redis server, as one that listens can't send. When one of them breaks, both are closed. */
export class RedisPair implements Pausable {
  readonly #options: PairOptions
  #listener: RedisClient | undefined
  #sender: RedisClient | undefined
  #isOver = false
  #error = ''
  /** When a packet was sent that has not come back to this node since; by `performance.now()`. */
  #sentAt: number | undefined

  constructor (options: PairOptions) {
    this.#options = options
  }

  /** Connects. Resolves to whether both connections are there; whatever keeps them from that is told to `onLost`. */
  async connect (): Promise<boolean> {
    const { channel, other } = this.#options
    try {
      // Options that ioredis does not take throw here.
      const [listener, sender] = [this.#client(), this.#client()]
      this.#listener = listener
      this.#sender = sender
      // One after the other, so that a server that is not there is asked once.
      await listener.connect()
      await listener.subscribe(channel)
      listener.subscribe(other).catch((error: unknown) => debug('no channel %s: %s', other, messageOf(error)))
      await sender.connect()
    } catch (error) {
      this.#lose(messageOf(error))
    }
    return !this.#isOver
  }

  /** The address of this node on the connection. */
  get localAddress (): string | undefined {
    const address = this.#sender?.stream?.localAddress ?? this.#listener?.stream?.localAddress
    return address === undefined ? undefined : plainAddress(address)
  }

  /** Whether all that was sent has come back. */
  get isHeard (): boolean {
    return this.#sentAt === undefined
  }

  /** Sends a text. Resolves when the server has taken it, or has not. */
  async send (text: string): Promise<boolean> {
    const now = performance.now()
    if (now - (this.#sentAt ?? now) > ANSWER_TIMEOUT_MS) {
      this.#lose('what it was sent does not come back')
      return false
    }
    this.#sentAt ??= now
    try {
      await this.#sender?.publish(this.#options.channel, text)
      return true
    } catch (error) {
      this.#lose(messageOf(error))
      return false
    }
  }

  /** Reads no messages until it is resumed. */
  pause (): void {
    this.#listener?.stream?.pause()
  }

  resume (): void {
    this.#listener?.stream?.resume()
  }

  /** Closes both connections. */
  close (): void {
    this.#isOver = true
    for (const client of [this.#listener, this.#sender]) {
      client?.disconnect()
      // A server that is silent would never end its side.
      client?.stream?.destroy()
    }
  }

  #client (): RedisClient {
    const { make, connectTimeout, place: { options } } = this.#options
    const client = make({
      connectTimeout,
      commandTimeout: ANSWER_TIMEOUT_MS,
      ...options,
      ...isText(options.password) ? { password: unseen(options.password) } : {},
      // This class connects anew itself.
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      // It asks for more permissions than messages need.
      enableReadyCheck: false,
      disableClientInfo: true
    })
    client.on('error', (error: unknown) => { this.#error = messageOf(error) })
    client.on('close', () => this.#lose(this.#error === '' ? 'it closed the connection' : this.#error))
    client.on('message', (from, text) => {
      this.#sentAt = undefined
      if (!this.#isOver) this.#options.onMessage(from, text)
    })
    return client
  }

  #lose (reason: string): void {
    if (this.#isOver) return
    this.close()
    this.#options.onLost(this.#error === '' ? reason : this.#error)
  }
}

/**
 * A password that the log of ioredis does not show: with DEBUG, that writes each command with its arguments, and joins
 * long ones.
 */
function unseen (password: string): Buffer {
  const shown = { value: () => HIDDEN }
  return Object.defineProperties(Buffer.from(password), { [inspect.custom]: shown, toString: shown, toJSON: shown })
}
