import { randomUUID } from 'node:crypto'
import { messageOf } from '../../../printable'
import { NotStored } from '../../event-store'
import { isRefusal, type JsClient } from './jetstream'

/** Time for one answer of the server, and until the event is sent again that it did not take. */
const ATTEMPT_MS = 2_000
const RETRY_MS = 100
/** Events that wait to be kept, and their bytes. */
const MAX_PENDING_STORES = 10_000
const MAX_PENDING_STORE_BYTES = 64 * 1_048_576
/** What the server adds to a message, at most. */
const HEAD_BYTES = 1_024

/** A text that is to be kept. */
export interface ToStore {
  readonly subject: string
  readonly bytes: Uint8Array
  /** By which the server knows it, if it gets it twice. @default a random one */
  readonly id?: string
  /** Bytes that have to be left in a message. @default what the server adds */
  readonly room?: number
}

interface Pending extends Required<ToStore> {
  readonly settle: (error?: NotStored) => void
  /** Why it is not kept so far. */
  reason: string
}

/** What is being kept. It is sent again, with the same id, after a lost connection: the server keeps it once. */
export class PendingStores {
  private readonly pending = new Set<Pending>()
  private bytes = 0
  private client: JsClient | undefined
  private maxPayload = Infinity

  /** @param timeoutMs - how long an event may take to be kept */
  constructor (private readonly timeoutMs: number) {}

  /** Keeps a text; resolves when it is kept. @throws {@link NotStored} */
  async store ({ subject, bytes, id = randomUUID(), room = HEAD_BYTES }: ToStore): Promise<void> {
    const fault = this.sizeFault(bytes, room)
    if (fault !== undefined) throw fault
    if (this.pending.size >= MAX_PENDING_STORES || this.bytes + bytes.length > MAX_PENDING_STORE_BYTES) {
      throw new NotStored(`${this.pending.size} events wait to be stored already`)
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        pending.settle(new NotStored(`${pending.reason}, for ${this.timeoutMs} ms; it may be stored nevertheless`))
      }, this.timeoutMs)
      const settle = (error?: NotStored): void => {
        if (!this.pending.delete(pending)) return
        clearTimeout(timer)
        this.bytes -= bytes.length
        if (error === undefined) resolve()
        else reject(error)
      }
      const pending: Pending = { subject, bytes, id, room, settle, reason: 'there is no connection to the server' }
      this.pending.add(pending)
      this.bytes += bytes.length
      this.send(pending)
    })
  }

  /** There is a connection: what waits is sent, in its order. */
  begin (client: JsClient, maxPayload: number): void {
    this.client = client
    this.maxPayload = maxPayload
    for (const pending of this.pending) this.send(pending)
  }

  /** The connection is lost. */
  end (): void {
    this.client = undefined
  }

  /** Nothing is kept any more. */
  close (): void {
    this.end()
    for (const { settle, reason } of [...this.pending]) settle(new NotStored(`this node has left the mesh, and ${reason}`))
  }

  private sizeFault ({ length }: Uint8Array, room: number): NotStored | undefined {
    if (length + room <= this.maxPayload) return undefined
    return new NotStored(`it takes ${length} bytes, and the server takes messages of ${this.maxPayload}`)
  }

  private send (pending: Pending): void {
    const { client } = this
    if (client === undefined || !this.pending.has(pending)) return
    const { subject, bytes, id, room, settle } = pending
    // Only a connection says what the server takes.
    const fault = this.sizeFault(bytes, room)
    if (fault !== undefined) return settle(fault)
    client.publish(subject, bytes, { msgID: id, timeout: ATTEMPT_MS }).then(() => settle(), (error: unknown) => {
      pending.reason = messageOf(error)
      if (isRefusal(error)) return settle(new NotStored(pending.reason, { cause: error }))
      // Another connection sends it by itself.
      if (client === this.client) setTimeout(() => { if (client === this.client) this.send(pending) }, RETRY_MS)
    })
  }
}
