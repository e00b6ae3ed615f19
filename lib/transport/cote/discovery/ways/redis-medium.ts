import type { RejectionReason } from '../../../rejections'
import { within } from '../../../drain'
import { OutageLines } from '../../../outage-lines'
import { RateLimit } from '../../../session/rate-limit'
import { isLoopback } from '../../../ip-address'
import { networkAddress } from '../../addresses'
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
/**
 * How long a server may take to accept a connection. One that is gone without a refusal answers nothing that came
 * before its return, so further tries are short; of those, some give a slow network its time.
 */
const CONNECT_TIMEOUT_MS = 3_000
const SHORT_CONNECT_TIMEOUT_MS = 500
const TRIES_PER_LONG_ONE = 8
/** A connection of so long is none that comes and goes. */
const STEADY_MS = 1_000
/** How long a packet may take to leave: a server that is silent must not keep a node that leaves. */
const SEND_MS = 300

/** What is read within a second, in messages; so many characters of a message count as another one. */
const MAX_MESSAGE_RATE = 100_000
const CHARACTERS_PER_MESSAGE = 200

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
  readonly #lines: OutageLines
  #pair: RedisPair | undefined
  #isUp = false
  #rate: RateLimit | undefined
  #retry: NodeJS.Timeout | undefined
  #steady: NodeJS.Timeout | undefined
  #tries = 0
  #isClosed = false
  #localAddress: string | undefined

  constructor (options: RedisMediumOptions) {
    this.#options = options
    const { log, name: address } = options
    this.#lines = new OutageLines({
      log,
      lost: 'FEATHERS_MESH_DISCOVERY_LOST',
      back: 'FEATHERS_MESH_DISCOVERY_BACK',
      fields: { address, option: 'discovery' }
    })
    this.#sealedChannel = `${SEALED_CHANNEL}${options.environment.replace(/:$/, '')}`
    this.#channel = options.isClosed ? this.#sealedChannel : COTE_CHANNEL
    void this.#connect()
  }

  get isUp (): boolean {
    return this.#isUp
  }

  /** Where the node listens on one address, no other leads to it. */
  get ownAddress (): string | undefined {
    const { address } = this.#options
    const local = this.#localAddress
    if (!EVERYWHERE.includes(address)) return address
    return local !== undefined && isLoopback(local) ? networkAddress() ?? local : local
  }

  async send (packet: Buffer): Promise<'too long' | undefined> {
    if (packet.length > MAX_PACKET_BYTES) return 'too long'
    const text = this.#options.isClosed ? packet.toString('base64') : packet.toString('utf8')
    if (this.#isUp && this.#pair !== undefined) await within(SEND_MS, this.#pair.send(text))
    return undefined
  }

  async close (): Promise<void> {
    this.#isClosed = true
    this.#isUp = false
    for (const timer of [this.#retry, this.#steady]) clearTimeout(timer)
    this.#lines.stop()
    this.#rate?.stop()
    this.#pair?.close()
  }

  async #connect (): Promise<void> {
    const { place, make, onUp } = this.#options
    const pair = new RedisPair({
      place,
      make,
      connectTimeout: this.#tries % TRIES_PER_LONG_ONE === 0 ? CONNECT_TIMEOUT_MS : SHORT_CONNECT_TIMEOUT_MS,
      channel: this.#channel,
      other: this.#channel === COTE_CHANNEL ? this.#sealedChannel : COTE_CHANNEL,
      onMessage: (channel, text) => this.#onMessage(channel, text),
      onLost: reason => this.#onLost(reason)
    })
    this.#pair = pair
    this.#rate = new RateLimit(pair, MAX_MESSAGE_RATE, () => this.#reject('throttledHellos'))
    if (!await pair.connect()) return
    this.#isUp = true
    this.#localAddress = pair.localAddress
    this.#steady = setTimeout(() => this.#onSteady(), STEADY_MS)
    // The hello that the node sends now shows whether the server takes it.
    onUp()
  }

  #reject (reason: RejectionReason): void {
    this.#options.onRejected(reason, this.#options.name)
  }

  #onMessage (channel: string, text: string): void {
    const { receive, name } = this.#options
    this.#rate?.count(1 + Math.floor(text.length / CHARACTERS_PER_MESSAGE))
    if (text.length > MAX_MESSAGE) return this.#reject('overlongHello')
    const isHere = isLoopback(this.#pair?.localAddress ?? '')
    const bytes = Buffer.from(text, channel === this.#sealedChannel ? 'base64' : 'utf8')
    receive(bytes, name, isHere ? 'here' : 'elsewhere')
  }

  /** The connection is there for a while: the server is back if it hands packets on. */
  #onSteady (): void {
    if (this.#pair?.isHeard !== true) {
      this.#steady = setTimeout(() => this.#onSteady(), STEADY_MS)
      return
    }
    this.#tries = 0
    this.#lines.back(`feathers-mesh: ${this.#options.name} is back, and this node looks for others through it again`)
  }

  #onLost (reason: string): void {
    this.#isUp = false
    clearTimeout(this.#steady)
    this.#rate?.stop()
    if (this.#isClosed) return
    this.#lines.lost(`feathers-mesh: ${this.#options.name} is not there (${this.#withoutCredentials(reason)}); this ` +
      'node goes on with the nodes that it knows, finds no others by it, and tries again')
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
