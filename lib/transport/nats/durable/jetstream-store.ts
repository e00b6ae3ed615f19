import { setTimeout as pause } from 'node:timers/promises'
import { ConfigurationError } from '../../../errors'
import { LineLimit } from '../../../line-limit'
import type { NodeLog } from '../../../log'
import { messageOf } from '../../../printable'
import { within } from '../../drain'
import { storedText } from '../../durable/stored-text'
import {
  NotStored, type DurableGroup, type DurableGroupLag, type DurableMember, type EventStore, type OnStored
} from '../../event-store'
import type { OnRejected } from '../../rejections'
import type { KeyRing } from '../../secrets/key-ring'
import type { EventMessage } from '../../transport'
import type { DurableOptions } from './durable-options'
import { DurableSeal } from './durable-seal'
import { GroupNames } from './group-names'
import {
  isRefusal, lacksJetStream, loadJetStream, remedyFor, type JetStreamPackage, type JsApi, type JsConnection,
  type JsManager
} from './jetstream'
import { JetStreamLetters } from './jetstream-letters'
import { PendingStores } from './pending-stores'
import { StoreMembers, type GroupSubjects } from './store-members'
import { ensureStream, LETTER_AGE_MS } from './streams'

/** How long a start waits until streams are there; a cluster may take longer, and then the node goes on. */
const SET_UP_MS = 3_000
/** After so many refusals the server is believed: one that has just started may take a moment. */
const REFUSALS = 5
/** Time until what failed is tried again. */
const RETRY_MS = 200
/** Time until another connection is made where the server refused one to a node that runs. */
const RECONNECT_MS = 1_000
/** How often it is looked at whether the secret was replaced. */
const RENEW_MS = 1_000

/** Bytes that an event leaves in a message: it has to fit into a dead letter as well, also of one that is resent. */
const LETTER_ROOM_BYTES = 4_096

/** How a store reaches its server. */
export interface StoreConnection {
  start (): Promise<void>
  close (): Promise<void>
}

/** What a connection tells its store. */
export interface StoreConnectionEvents {
  readonly log: NodeLog | undefined
  readonly name: string
  readonly onRejected: OnRejected
  onUp (connection: JsConnection, maxPayload: number): void
  onDown (): void
}

/** The names of what is kept, on the server. */
export interface StoreSubjects extends GroupSubjects {
  durable (key: string, path: string, event: string): string
  dead (path: string, event: string, group: string): string
}

/** What a {@link JetStreamStore} is made of. */
export interface JetStreamStoreOptions {
  readonly subjects: StoreSubjects
  readonly keyRing: KeyRing | undefined
  readonly durable: DurableOptions & { readonly storeTimeout: number }
  /** How messages name the servers. */
  readonly title: string
  readonly connect: (events: StoreConnectionEvents) => StoreConnection
}

/** The node of a store. */
export interface StoreNode {
  readonly id: string
  readonly name?: string
  readonly log?: NodeLog
  readonly onRejected?: OnRejected
}

/** Keeps durable events on a NATS server with JetStream, by a connection of its own. */
export class JetStreamStore implements EventStore {
  private isUsed = false
  private node: StoreNode | undefined
  private connection: StoreConnection | undefined
  private api: JsApi | undefined
  private life = 0
  private refusals = 0
  private renewal: NodeJS.Timeout | undefined
  private reconnect: NodeJS.Timeout | undefined
  private reason = 'there is no connection to the server'
  private remedy = ''
  private wake = (): void => {}
  private readonly members: StoreMembers
  private readonly pending: PendingStores
  private readonly seal: DurableSeal
  private readonly names: GroupNames
  private readonly limit = new LineLimit()
  readonly deadLetters: JetStreamLetters

  constructor (private readonly options: JetStreamStoreOptions) {
    const { subjects, keyRing, durable } = options
    const seal = this.seal = new DurableSeal(keyRing)
    this.names = new GroupNames(seal, reason => this.onUnreadable(reason))
    const pending = this.pending = new PendingStores(durable.storeTimeout)
    this.members = new StoreMembers({
      subjects,
      open: bytes => seal.open(bytes, 'event'),
      describe: group => this.names.describe(group),
      bury: async (group, stored, reason) => await this.deadLetters.bury(group, stored, reason),
      onUnreadable: reason => this.onUnreadable(reason),
      onFailure: reason => this.tell(reason)
    })
    this.deadLetters = new JetStreamLetters({
      stream: subjects.stream('dead'),
      subjectOf: ({ path, event, group }) => subjects.dead(path, event, group),
      seal,
      pending,
      manager: async () => await this.manager(),
      publish: async (message, id) => await this.keep(message, id),
      onUnreadable: reason => this.onUnreadable(reason)
    })
  }

  faults (): readonly string[] {
    const { fault } = loadJetStream()
    return fault === undefined ? [] : [fault]
  }

  use (): void {
    this.isUsed = true
    const { node } = this
    if (node === undefined || this.connection !== undefined) return
    void this.connect(node).catch((error: unknown) => {
      if (this.node !== node) return
      this.connection = undefined
      this.reason = messageOf(error)
      this.tell(`can't keep durable events: ${this.reason}`)
      clearTimeout(this.reconnect)
      this.reconnect = setTimeout(() => this.use(), RECONNECT_MS).unref()
    })
  }

  async publish (message: EventMessage): Promise<void> {
    await this.keep(message)
  }

  join (group: DurableGroup, onStored: OnStored): DurableMember {
    const member = this.members.add(group, onStored, this.api)
    this.use()
    return member
  }

  async groups (): Promise<readonly DurableGroupLag[]> {
    return await this.names.lags(await this.manager(), this.options.subjects.stream('durable').name)
  }

  /**
   * The node joins the mesh: streams and consumers are made or checked, where the node needs them.
   *
   * @throws {@link ConfigurationError} where the server is there and can't keep events
   */
  async start (node: StoreNode): Promise<void> {
    this.node = node
    if (!this.isUsed) return
    const ready = new Promise<void>(resolve => { this.wake = resolve })
    const { life } = this
    await this.connect(node)
    if (this.life !== life) await within(SET_UP_MS, ready)
    // It waits for a server that is away, or that is not ready, as the node does.
    if (this.refusals < REFUSALS) return
    await this.stop()
    throw new ConfigurationError([
      `${this.options.title} can't keep durable events: ${this.reason}; ${this.remedy}, or leave durable out`
    ])
  }

  /** The node gets no new events; resolves when its listeners are done, or when the time is over. */
  async leave (limitMs: number): Promise<void> {
    await within(limitMs, this.members.leave())
  }

  /** The node has left the mesh. */
  async stop (): Promise<void> {
    const { connection } = this
    this.node = this.connection = this.api = undefined
    clearInterval(this.renewal)
    clearTimeout(this.reconnect)
    this.members.clear()
    this.pending.close()
    this.life++
    this.refusals = 0
    await connection?.close()
  }

  private async connect (node: StoreNode): Promise<void> {
    const { id, name, log, onRejected = () => {} } = node
    this.connection = this.options.connect({
      log,
      onRejected,
      name: `${name ?? id} durable`,
      onUp: (connection, maxPayload) => { void this.setUp(connection, maxPayload, ++this.life) },
      onDown: () => this.onDown()
    })
    await this.connection.start()
  }

  private onDown (): void {
    this.life++
    this.api = undefined
    this.reason = 'the connection to the server is lost'
    this.pending.end()
    this.members.end()
  }

  /** Makes and checks what is needed, again and again, while the connection lasts. */
  private async setUp (connection: JsConnection, maxPayload: number, life: number): Promise<void> {
    const { jetStream } = loadJetStream()
    if (jetStream === undefined) return
    let api: JsApi | undefined
    while (life === this.life) {
      try {
        api ??= await this.makeApi(jetStream, connection)
        if (life !== this.life) return
        // Not behind the groups: one that can't be set up must not keep events from being stored.
        this.take(api, maxPayload)
        await this.members.begin(api)
        if (life !== this.life) return
        this.refusals = 0
        this.renewNow()
        return this.wake()
      } catch (error) {
        if (life !== this.life) return
        this.reason = messageOf(error)
        this.remedy = remedyFor(error)
        this.tell(`can't keep durable events: ${this.reason}`)
        this.refusals = isRefusal(error) || lacksJetStream(error) ? this.refusals + 1 : 0
        if (this.refusals >= REFUSALS) this.wake()
        await pause(RETRY_MS)
      }
    }
  }

  /** The API by a connection, once the streams are there. */
  private async makeApi (jetStream: JetStreamPackage, connection: JsConnection): Promise<JsApi> {
    const { subjects, durable: { letterAge, maxAge, maxBytes, replicas, duplicateWindow } } = this.options
    const manager = await jetStream.jetstreamManager(connection, { checkAPI: false })
    const letters = { maxAge: letterAge, maxBytes, replicas }
    const events = { maxAge, maxBytes, replicas, duplicateWindow }
    for (const told of await ensureStream(manager, subjects.stream('durable'), events)) this.tell(told)
    for (const told of await ensureStream(manager, subjects.stream('dead'), letters, LETTER_AGE_MS)) this.tell(told)
    const say = (subject: string, word: string): void => connection.publish(subject, Buffer.from(word))
    return { manager, client: jetStream.jetstream(connection), say }
  }

  /** Stores events by a connection from now on. */
  private take (api: JsApi, maxPayload: number): void {
    if (api === this.api) return
    this.api = api
    this.pending.begin(api.client, maxPayload)
  }

  /** Looks for secrets that have come, again and again. */
  private renewNow (): void {
    if (this.options.keyRing?.mayChange !== true) return
    clearInterval(this.renewal)
    this.renewal = setInterval(() => {
      if (this.api === undefined) return clearInterval(this.renewal)
      void this.members.begin(this.api).catch((error: unknown) => this.tell(messageOf(error)))
    }, RENEW_MS)
  }

  private async manager (): Promise<JsManager> {
    if (this.connection === undefined) this.use()
    const end = performance.now() + this.options.durable.storeTimeout
    while (this.api === undefined && performance.now() < end) {
      await pause(RETRY_MS)
    }
    if (this.api === undefined) throw new NotStored(this.reason)
    return this.api.manager
  }

  private async keep (message: EventMessage, id?: string): Promise<void> {
    const { path, key, event } = message
    let bytes: Buffer
    try {
      bytes = this.seal.seal(storedText(message), 'event')
    } catch (error) {
      throw new NotStored(messageOf(error), { cause: error })
    }
    const subject = this.options.subjects.durable(key, path, event)
    await this.pending.store({ subject, bytes, ...id === undefined ? { room: LETTER_ROOM_BYTES } : { id } })
  }

  private onUnreadable (reason: string): void {
    this.node?.onRejected?.('unreadableEvents', this.options.title, reason)
  }

  private tell (what: string): void {
    this.node?.log?.tell('FEATHERS_MESH_TRANSPORT', `${this.options.title}: ${what}`, undefined, this.limit)
  }
}
