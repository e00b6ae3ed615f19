import type { Caller } from '../../contract/contract'
import { encodeEvent, gapEvent } from '../messages/event'
import { MalformedMessage } from '../transport'
import type { Audience, EventMessage } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'

/** How many paths a peer may subscribe to, and their characters in all: their names are kept. */
const MAX_PATHS = 10_000
const MAX_PATHS_LENGTH = 500_000

/** What a {@link Subscriber} needs of its connection. */
export interface SubscriberOptions {
  /** The key of this node. */
  readonly key: string
  /** Whether too much waits to leave for the peer, so that it gets no more events for now. */
  readonly isBehind: () => boolean
  readonly send: (event: EncodedValue) => void
  /** An event was dropped because the peer is behind. */
  readonly onDropped: () => void
}

/** A peer that gets events of this node: the paths that it subscribed to, and what it missed of them. */
export class Subscriber {
  private paths: ReadonlySet<string> = new Set()
  /** How many events were dropped since the last one that was sent, by their path. */
  private readonly dropped = new Map<string, number>()

  constructor (private readonly options: SubscriberOptions) {}

  /**
   * Replaces the paths that the peer subscribed to.
   *
   * @param paths - what the peer sent: anything
   * @returns the paths that are new
   * @throws {@link MalformedMessage} for more paths than a peer may have
   */
  update (paths: unknown): readonly string[] {
    const wanted = Array.isArray(paths) ? paths : []
    if (wanted.length > MAX_PATHS) throw new MalformedMessage(`more than ${MAX_PATHS} paths`)
    const before = this.paths
    const texts = wanted.filter(path => typeof path === 'string')
    if (texts.reduce((length, path) => length + path.length, 0) > MAX_PATHS_LENGTH) {
      throw new MalformedMessage(`paths of more than ${MAX_PATHS_LENGTH} characters`)
    }
    this.paths = new Set(texts)
    return [...this.paths].filter(path => !before.has(path))
  }

  /** Whether the peer subscribed to any events. */
  get isActive (): boolean {
    return this.paths.size > 0
  }

  /** Whether the peer subscribed to the events of a path. */
  subscribesTo (path: string): boolean {
    return this.paths.has(path)
  }

  /** Sends an event, or drops and counts it where the peer is behind: it must not fill the memory of this node. */
  sendEvent (path: string, event: EncodedValue): void {
    const { isBehind, send, onDropped } = this.options
    if (isBehind()) {
      this.dropped.set(path, (this.dropped.get(path) ?? 0) + 1)
      return onDropped()
    }
    if (this.dropped.size > 0) this.sendGaps()
    send(event)
  }

  /** Tells the peer how many events of each path it missed. */
  sendGaps (): void {
    const { key, send } = this.options
    for (const [path, missed] of this.dropped) send(encodeValue(gapEvent(path, key, { missed, reason: 'slow' })))
    this.dropped.clear()
  }
}

/** A peer that may subscribe to events: its connection knows who it is. */
export interface EventTarget {
  readonly caller: Caller
  readonly subscriber: Subscriber
}

/**
 * Sends an event to the peers that subscribed to its path and may hear it. It is encoded once for all of them, and
 * not at all without subscribers.
 *
 * @param audience - which peers may hear it; all without it
 * @throws {@link UnsendableValue}, or RangeError, for an event that no peer can be sent
 */
export function publish (
  message: EventMessage, targets: Iterable<EventTarget>, audience: Audience | undefined, maxMessageSize: number
): void {
  const { path } = message
  let encoded: EncodedValue | undefined
  for (const { caller, subscriber } of targets) {
    if (!subscriber.subscribesTo(path) || audience?.(caller) === false) continue
    subscriber.sendEvent(path, encoded ??= encodeEvent(message, maxMessageSize))
  }
}
