import { UnsentRequests } from '../session/requests/unsent-requests'
import {
  RequestRefused, type ReplyDetails, type ReplyHandler, type Request, type Transport, type TransportError
} from '../transport'

/** What {@link SentRequests} need of the node. */
export interface SentRequestsOptions {
  readonly transports: readonly Transport[]
  /** The transports by which a node takes requests now, those first that are preferred. */
  readonly callable: (nodeId: string) => readonly number[]
}

/**
 * Requests that go by the first transport that reaches the node. One that was certainly not sent goes by the next; so a
 * request runs once.
 */
export class SentRequests {
  private readonly sent = new Map<number, SentRequest>()
  private readonly unsent = new UnsentRequests()
  private lastId = 0

  constructor (private readonly options: SentRequestsOptions) {}

  /** Sends a request, as `Transport.request` does. @throws what encoding throws */
  send (nodeId: string, request: Request, handler: ReplyHandler): number {
    const [place] = this.options.callable(nodeId)
    if (place === undefined) return this.unsent.add(handler, `node ${nodeId} has left`)
    const id = ++this.lastId
    const sent = new SentRequest(nodeId, request, handler, {
      next: tried => this.options.callable(nodeId).find(each => !tried.has(each)),
      transport: each => this.options.transports[each],
      onEnd: () => this.sent.delete(id)
    })
    sent.sendBy(place)
    this.sent.set(id, sent)
    return id
  }

  /** Gives a request up. */
  cancel (id: number): void {
    if (this.unsent.cancel(id)) return
    const sent = this.sent.get(id)
    this.sent.delete(id)
    sent?.cancel()
  }
}

interface Ways {
  /** The transport to try next, after those. */
  readonly next: (tried: ReadonlySet<number>) => number | undefined
  readonly transport: (place: number) => Transport | undefined
  readonly onEnd: () => void
}

/** One request under way: each transport tells it what becomes of it. */
class SentRequest implements ReplyHandler {
  sentAt?: number
  private readonly tried = new Set<number>()
  private by: Transport | undefined
  private id = 0

  constructor (
    private readonly nodeId: string, private readonly request: Request, private readonly handler: ReplyHandler,
    private readonly ways: Ways
  ) {
    this.sentAt = handler.sentAt
  }

  /** @throws what encoding throws */
  sendBy (place: number): void {
    this.tried.add(place)
    this.by = this.ways.transport(place)
    // Handlers are called later.
    this.id = this.by?.request(this.nodeId, this.request, this) ?? 0
  }

  cancel (): void {
    this.by?.cancel(this.nodeId, this.id)
  }

  settle (error: unknown, value?: unknown, details?: ReplyDetails): void {
    this.ways.onEnd()
    this.handler.settle(error, value, details)
  }

  fail (error: TransportError): void {
    // A refusal is the answer of the node: it would give the same one again.
    const isUnsent = error.outcome === 'not-sent' && !(error instanceof RequestRefused)
    const next = isUnsent ? this.ways.next(this.tried) : undefined
    if (next !== undefined && this.isSentBy(next)) return
    this.ways.onEnd()
    this.handler.fail(error)
  }

  unanswered (): void {
    this.handler.unanswered?.()
  }

  private isSentBy (place: number): boolean {
    // The deadline is written in the clock of the peer as it is now.
    this.sentAt = performance.now()
    try {
      this.sendBy(place)
      return true
    } catch {
      // Another transport takes shorter messages: the request fails as it did by the one before.
      return false
    }
  }
}
