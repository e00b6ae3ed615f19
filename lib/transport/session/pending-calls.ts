import type { ReplyHandler } from '../transport'

const SLOT_BITS = 20
const SLOT_MASK = (1 << SLOT_BITS) - 1

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

  /**
   * @param firstGeneration - another one gives other ids
   * @param most - how many may wait, at most a million
   */
  constructor (private readonly firstGeneration = 0, private readonly most = SLOT_MASK + 1) {}

  /** Whether no more requests can wait: a peer that takes all and answers none must not fill the memory. */
  get isFull (): boolean {
    return this.size >= this.most
  }

  /**
   * Keeps a handler and returns the id of its request.
   *
   * @throws RangeError when it is full
   */
  add (handler: ReplyHandler): number {
    if (this.free < 0) {
      if (this.isFull) throw new RangeError(`${this.most} requests wait on one connection already`)
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

  /** Takes out all handlers. */
  takeAll (): ReplyHandler[] {
    const handlers: ReplyHandler[] = []
    this.slots.forEach((slot, index) => {
      if (slot.handler !== undefined) handlers.push(this.release(index, slot))
    })
    return handlers
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
