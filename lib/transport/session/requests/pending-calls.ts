import type { ReplyHandler, TransportError } from '../../transport'
import { PROCESS_IDS, type RequestIds } from './request-ids'

/** How many requests may wait on one connection, unless it sets another bound. */
const MAX_PENDING = 2 ** 20

/** Places of the first request's table; a power of two, as all later sizes. Many connections never have a request. */
const FIRST_PLACES = 4

/** Where no request has been. */
const NEVER = -1

/**
 * The requests of a connection that wait for their reply. (A Map with ever-growing keys slows garbage collection. The
 * place of a request is given by the last bits of its id; an id whose place is taken is left out.)
 */
export class PendingCalls {
  size = 0
  private ids: number[] = []
  private handlers: Array<ReplyHandler | undefined> = []
  /** The id of the last request, and how many ids behind it are this connection's. */
  private lastId = 0
  private left = 0

  /**
   * @param maxPending - how many requests may wait, at most a million
   * @param source - gives ids
   */
  constructor (private readonly maxPending = MAX_PENDING, private readonly source: RequestIds = PROCESS_IDS) {}

  /** Whether no more requests can wait: a peer that takes all and answers none must not fill the memory. */
  get isFull (): boolean {
    return this.size >= this.maxPending
  }

  /**
   * Keeps a handler and returns the id of its request.
   *
   * @throws RangeError when it is full
   */
  add (handler: ReplyHandler): number {
    if (this.isFull) throw new RangeError(`${this.maxPending} requests wait on one connection already`)
    // Half of the places stay free.
    if (2 * ++this.size > this.ids.length) this.grow()
    const { handlers } = this
    const mask = handlers.length - 1
    let id: number
    do id = this.nextId()
    while (handlers[id & mask] !== undefined)
    this.put(id, handler)
    return id
  }

  /** Takes out the handler of a request; undefined when nobody waits for it. */
  take (id: number): ReplyHandler | undefined {
    const { ids, handlers } = this
    const place = id & (ids.length - 1)
    if (ids[place] !== id) return undefined
    const handler = handlers[place]
    if (handler === undefined) return undefined
    handlers[place] = undefined
    this.size--
    return handler
  }

  /** Whether the request still waits. */
  has (id: number): boolean {
    const place = id & (this.ids.length - 1)
    return this.ids[place] === id && this.handlers[place] !== undefined
  }

  /** The other side answers no probe: what waits for it may go elsewhere. */
  tellUnanswered (): void {
    // They may be cancelled meanwhile, and others added.
    for (const handler of [...this.handlers]) handler?.unanswered?.()
  }

  /** Takes out all handlers, and fails each with an error of its own. */
  failAll (makeError: () => TransportError): void {
    const { handlers } = this
    const waiting = handlers.filter(handler => handler !== undefined)
    handlers.fill(undefined)
    this.size = 0
    for (const handler of waiting) handler.fail(makeError())
  }

  /**
   * As many ids as there are places go by each place once, half of which are free: so others are left out only as often
   * as ids are used, whatever other connections take meanwhile.
   */
  private nextId (): number {
    if (this.left === 0) {
      this.left = this.ids.length
      this.lastId = this.source.take(this.left)
    }
    this.left--
    return ++this.lastId
  }

  private put (id: number, handler: ReplyHandler): void {
    const place = id & (this.ids.length - 1)
    this.ids[place] = id
    this.handlers[place] = handler
  }

  /** Ids with a place of their own have one in a longer table, too. */
  private grow (): void {
    const { ids, handlers } = this
    const places = Math.max(FIRST_PLACES, 2 * ids.length)
    this.ids = new Array<number>(places).fill(NEVER)
    this.handlers = new Array<ReplyHandler | undefined>(places).fill(undefined)
    this.left = 0
    for (let place = 0; place < handlers.length; place++) {
      const { [place]: handler } = handlers
      if (handler !== undefined) this.put(ids[place], handler)
    }
  }
}
