import type { ReplyHandler, TransportError } from '../../transport'

const SLOT_BITS = 20
const SLOT_MASK = (1 << SLOT_BITS) - 1

/** How many generations of ids each connection has to itself, and after how many connections they repeat. */
const GENERATIONS = 2 ** 24
const CONNECTIONS = 256

interface Slot {
  handler: ReplyHandler | undefined
  /** The next free slot, or -1. */
  next: number
  generation: number
}

/**
 * The requests of a connection that wait for their reply. Slots are used again, each time with another generation,
 * so that a late reply to an earlier request finds nothing. (A Map with ever-growing keys slows garbage collection.)
 */
export class PendingCalls {
  size = 0
  private readonly slots: Slot[] = []
  private free = -1
  private readonly firstGeneration: number

  /**
   * @param connection - the number of the connection to its peer: requests of different ones have different ids
   * @param maxPending - how many requests may wait, at most a million
   */
  constructor (connection = 0, private readonly maxPending = SLOT_MASK + 1) {
    this.firstGeneration = connection % CONNECTIONS * GENERATIONS
  }

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
    if (this.free < 0) {
      if (this.isFull) throw new RangeError(`${this.maxPending} requests wait on one connection already`)
      this.size++
      this.slots.push({ handler, next: -1, generation: this.firstGeneration })
      return idOf(this.firstGeneration, this.slots.length - 1)
    }
    const index = this.free
    const slot = this.slots[index] // the free list only holds indexes of slots
    this.free = slot.next
    slot.handler = handler
    this.size++
    return idOf(slot.generation, index)
  }

  /** Takes out the handler of a request; undefined when nobody waits for it. */
  take (id: number): ReplyHandler | undefined {
    const index = id & SLOT_MASK
    const slot = this.slots[index]
    return slot !== undefined && this.has(id) ? this.release(index, slot) : undefined
  }

  /** Whether the request still waits. */
  has (id: number): boolean {
    const index = id & SLOT_MASK
    const slot = this.slots[index]
    return slot?.handler !== undefined && idOf(slot.generation, index) === id
  }

  /** The other side answers no probe: what waits for it may go elsewhere. */
  tellUnanswered (): void {
    // They may be cancelled meanwhile, and others added.
    for (const handler of this.slots.map(slot => slot.handler)) handler?.unanswered?.()
  }

  /** Takes out all handlers, and fails each with an error of its own. */
  failAll (makeError: () => TransportError): void {
    const handlers = this.slots.flatMap((slot, index) => slot.handler === undefined ? [] : this.release(index, slot))
    for (const handler of handlers) handler.fail(makeError())
  }

  private release (index: number, slot: Slot): ReplyHandler {
    const handler = slot.handler as ReplyHandler // callers looked
    slot.handler = undefined
    slot.generation++
    slot.next = this.free
    this.free = index
    this.size--
    return handler
  }
}

/** Multiplied, not shifted: an id may be longer than 32 bits. */
function idOf (generation: number, index: number): number {
  return generation * (SLOT_MASK + 1) + index
}
