import { warn } from '../../../../log'
import type { Medium, WayContext } from '../way'
import type { MakeClient } from './ioredis'
import { RedisPair } from './redis-pair'
import type { RedisPlace } from './redis-place'

/** The one channel of nodes of cote, whatever their environment. */
const COTE_CHANNEL = 'cote'
/** Begins the name of a channel for hellos that are sealed, which nodes of cote can't read. */
const SEALED_CHANNEL = 'feathers-mesh:'

/** Bytes of the longest packet that is sent, and characters of the longest message that is read. */
const MAX_PACKET_BYTES = 2 ** 19
const MAX_MESSAGE = 2 ** 20

/** Addresses that stand for all of a machine. */
const EVERYWHERE = ['0.0.0.0', '::']

/** Time from a lost connection to the next try: doubled each time, and shared out at random among all nodes. */
const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 500

/** What a {@link RedisMedium} is made of. */
export interface RedisMediumOptions extends WayContext {
  readonly place: RedisPlace
  readonly make: MakeClient
  /** How logs and warnings name the server, without credentials. */
  readonly name: string
}

/**
 * Hellos through a Redis server. While the server is away, the node goes on with what it knows; it tells when it lost
 * the server, and when it has it back.
 */
export class RedisMedium implements Medium {
  readonly maxBytes = MAX_PACKET_BYTES
  readonly #options: RedisMediumOptions
  readonly #channel: string
  readonly #sealedChannel: string
  #pair: RedisPair | undefined
  #retry: NodeJS.Timeout | undefined
  #tries = 0
  #isClosed = false
  /** Whether a warning says that the server is away. */
  #isMissed = false
  #localAddress: string | undefined

  constructor (options: RedisMediumOptions) {
    this.#options = options
    this.#sealedChannel = `${SEALED_CHANNEL}${options.environment.replace(/:$/, '')}`
    this.#channel = options.isClosed ? this.#sealedChannel : COTE_CHANNEL
    void this.#connect()
  }

  get isUp (): boolean {
    return this.#pair !== undefined
  }

  /** Where the node listens on one address, no other leads to it. */
  get ownAddress (): string | undefined {
    const { address } = this.#options
    return EVERYWHERE.includes(address) ? this.#localAddress : address
  }

  async send (packet: Buffer): Promise<'too long' | undefined> {
    if (packet.length > MAX_PACKET_BYTES) return 'too long'
    const text = this.#options.isClosed ? packet.toString('base64') : packet.toString('utf8')
    const isSent = await this.#pair?.send(text)
    if (isSent === true) this.#found()
    return undefined
  }

  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#pair?.close()
    this.#pair = undefined
  }

  async #connect (): Promise<void> {
    const { place, make, onUp } = this.#options
    const pair = await RedisPair.connect({
      place,
      make,
      channel: this.#channel,
      other: this.#channel === COTE_CHANNEL ? this.#sealedChannel : COTE_CHANNEL,
      onMessage: (channel, text) => this.#onMessage(channel, text),
      onLost: reason => this.#onLost(reason)
    })
    if (pair === undefined) return
    if (this.#isClosed) return pair.close()
    this.#pair = pair
    this.#localAddress = pair.localAddress
    // The hello that the node sends now shows whether the server takes it.
    onUp()
  }

  #onMessage (channel: string, text: string): void {
    const { receive, onRejected, name } = this.#options
    if (text.length > MAX_MESSAGE) onRejected('malformedPacket', name)
    else receive(Buffer.from(text, channel === this.#sealedChannel ? 'base64' : 'utf8'), name)
  }

  /** The server took a packet. */
  #found (): void {
    this.#tries = 0
    if (!this.#isMissed) return
    this.#isMissed = false
    warn('discovery', `feathers-mesh: ${this.#options.name} is back, and this node looks for others through it again`)
  }

  #onLost (reason: string): void {
    this.#pair = undefined
    if (this.#isClosed) return
    if (!this.#isMissed) {
      this.#isMissed = true
      const { name } = this.#options
      warn('discovery', `feathers-mesh: ${name} is not there (${this.#withoutCredentials(reason)}); this node goes on ` +
        'with the nodes that it knows, finds no others by it, and tries again')
    }
    const pauseMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries++)
    this.#retry = setTimeout(() => { void this.#connect() }, pauseMs * (0.5 + Math.random() / 2))
  }

  /** A server that knows no passwords repeats them in its answer. */
  #withoutCredentials (reason: string): string {
    const { username, password } = this.#options.place.options
    return [username, password].reduce<string>((text, secret) => {
      return typeof secret === 'string' && secret !== '' ? text.replaceAll(secret, '…') : text
    }, reason)
  }
}
