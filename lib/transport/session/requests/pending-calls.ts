import type { ReplyHandler, TransportError } from '../../transport'

/** How many requests may wait on one connection, unless it sets another bound. */
const MAX_PENDING = 2 ** 20

/** Places of the first request's table; a power of two, as all later sizes. Many connections never have a request. */
const FIRST_PLACES = 4

/** Where no request has been. */
const NEVER = -1

/**
 * Each request of this process has another id, whoever it is sent to: a late reply finds nothing, and neither does a
 * cancel for a connection of before. They are small integers for a long time, which are read and written faster than
 * longer ones.
 */
let lastId = 0

/**
 * The requests of a connection that wait for their reply. (A Map with ever-growing keys slows garbage collection. The
 * place of a request is given by the last bits of its id; an id whose place is taken is left out.)
 */
export class PendingCalls {
  size = 0
  private ids: number[] = []
  private handlers: Array<ReplyHandler | undefined> = []

  /** @param maxPending - how many requests may wait, at most a million */
  constructor (private readonly maxPending = MAX_PENDING) {}

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
    // Half of the places stay free, so that one is found soon.
    if (2 * ++this.size > this.ids.length) this.grow()
    const { ids, handlers } = this
    const mask = ids.length - 1
    do lastId++
    while (handlers[lastId & mask] !== undefined)
    this.put(lastId, handler)
    return lastId
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
    for (const [place, handler] of handlers.entries()) if (handler !== undefined) this.put(ids[place], handler)
  }
}
