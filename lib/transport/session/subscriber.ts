import type { Caller } from '../../contract/contract'
import { fieldsOf, textField } from '../../record'
import { encodeEvent, gapEvent } from '../messages/event'
import { MalformedMessage } from '../transport'
import type { Audience, EventMessage } from '../transport'
import { encodeValue, type EncodedValue } from '../values/encode-value'
import type { WireCounts, WireEarlier } from './events/event-counts'
import { PathEvents } from './events/path-events'
import type { PublishedEvents } from './events/published-events'

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
  /** Knows the subscribers of the node's other connections; without it, none goes on where another one ended. */
  readonly subscribers?: OtherSubscribers
}

/** What a {@link Subscriber} needs of those of the node's other connections. */
export interface OtherSubscribers {
  /** All that the node has published. */
  readonly published: PublishedEvents
  /** Gives a subscriber its token. */
  add (subscriber: Subscriber): string
  /** Ends the subscription that has a token, and returns its paths; undefined if there is none. */
  take (token: string): ReadonlyMap<string, PathEvents> | undefined
}

/** What a peer gets to know about its subscription; nothing but `true` unless it asked for counts. */
export type SubscriberAnswer = true | {
  readonly counts: WireCounts
  readonly token: string | undefined
  readonly resumed: boolean
  /** What was published before, of paths that are new in the subscription. */
  readonly earlier?: WireEarlier
}

/** A peer that gets events of this node: the paths that it subscribed to, and how many events of each it was to get. */
export class Subscriber {
  /** By which another connection of the peer takes this subscription over. */
  token: string | undefined
  private paths = new Map<string, PathEvents>()
  /** The paths of which events were dropped since the last one that was sent. */
  private readonly behind = new Set<PathEvents>()
  private wantsCounts = false
  private resumed = false
  /** Undefined once the connection is lost: {@link Subscribers} counts the events then. */
  private options: SubscriberOptions | undefined

  constructor (options: SubscriberOptions) {
    this.options = options
  }

  /** How many paths the peer subscribed to. */
  get size (): number {
    return this.paths.size
  }

  /** The characters of these paths. */
  get length (): number {
    let length = 0
    for (const path of this.paths.keys()) length += path.length
    return length
  }

  /**
   * Replaces the paths that the peer subscribed to.
   *
   * @param paths - what the peer sent: anything
   * @param params - what it sent beside them: `counts` asks for counts, `resume` is the token of another connection
   * @returns the paths that are new
   * @throws {@link MalformedMessage} for more paths than a peer may have
   */
  update (paths: unknown, params?: unknown): readonly string[] {
    const wanted = readPaths(paths)
    const earlier = this.readParams(params)
    const fresh: string[] = []
    const next = new Map<string, PathEvents>()
    for (const path of wanted) {
      const known = this.paths.get(path) ?? earlier?.get(path)
      if (known === undefined) fresh.push(path)
      next.set(path, known ?? new PathEvents(path))
    }
    for (const [path, events] of this.paths) if (!next.has(path)) this.behind.delete(events)
    this.paths = next
    return fresh
  }

  /**
   * What the peer is told when it subscribes.
   *
   * @param fresh - the paths that are new
   * @param mayHear - whether the peer may hear an event
   */
  answerTo (fresh: readonly string[], mayHear: (path: string, event: string) => boolean): SubscriberAnswer {
    const { answer, options } = this
    const earlier = options?.subscribers?.published.of(fresh, mayHear) ?? []
    return answer === true || earlier.length === 0 ? answer : { ...answer, earlier }
  }

  /** What the peer is told when it asks for a sign of life. */
  get answer (): SubscriberAnswer {
    const { wantsCounts, counts, token, resumed } = this
    return wantsCounts ? { counts, token, resumed } : true
  }

  /** The counts that a node which leaves tells last; undefined for a peer that did not ask for them. */
  get finalCounts (): WireCounts | undefined {
    return this.wantsCounts ? this.counts : undefined
  }

  /** Whether the peer subscribed to any events. */
  get isActive (): boolean {
    return this.paths.size > 0
  }

  /** What is counted for a path; undefined where the peer did not subscribe to it. */
  eventsOf (path: string): PathEvents | undefined {
    return this.paths.get(path)
  }

  /**
   * Sends an event, or drops and counts it where the peer is behind: it must not fill the memory of this node.
   *
   * @param events - what {@link eventsOf} returned for the path of the event
   */
  send (events: PathEvents, event: EncodedValue): void {
    const { options } = this
    if (options === undefined) return
    if (options.isBehind()) {
      events.count++
      events.dropped++
      this.behind.add(events)
      return options.onDropped()
    }
    if (this.behind.size > 0) this.sendGaps()
    events.count++
    options.send(event)
  }

  /** Tells the peer how many events of each path it missed. */
  sendGaps (): void {
    const { options, wantsCounts } = this
    if (options === undefined) return
    for (const events of this.behind) {
      const { path, count, dropped: missed } = events
      const gap = gapEvent(path, options.key, { missed, reason: 'slow' })
      options.send(encodeValue(wantsCounts ? { ...gap, count } : gap))
      events.dropped = 0
    }
    this.behind.clear()
  }

  /** The connection is lost: nothing is sent from now on. */
  part (): void {
    this.options = undefined
  }

  /** Another connection of the peer takes the paths over; the rest of what concerns them leaves on this one. */
  handOver (): ReadonlyMap<string, PathEvents> {
    this.sendGaps()
    const { paths } = this
    for (const events of paths.values()) events.dropped = 0
    this.end()
    return paths
  }

  /** The peer gets no more events. */
  end (): void {
    this.paths = new Map()
    this.behind.clear()
  }

  private get counts (): WireCounts {
    return [...this.paths.values()].map(({ path, count }) => [path, count] as const)
  }

  /** Returns the paths of the connection that this one follows, if there was one. */
  private readParams (params: unknown): ReadonlyMap<string, PathEvents> | undefined {
    const fields = fieldsOf(params)
    const subscribers = this.options?.subscribers
    if (fields.counts !== true) return undefined
    this.wantsCounts = true
    const resume = textField(fields, 'resume')
    const earlier = resume === undefined || resume === this.token ? undefined : subscribers?.take(resume)
    this.resumed ||= earlier !== undefined
    this.token ??= subscribers?.add(this)
    return earlier
  }
}

/** The paths in what a peer sent, each once: anything may have been sent. */
function readPaths (sent: unknown): ReadonlySet<string> {
  const paths = new Set<string>()
  if (!Array.isArray(sent)) return paths
  if (sent.length > MAX_PATHS) throw new MalformedMessage(`more than ${MAX_PATHS} paths`)
  let length = 0
  for (const path of sent) {
    if (typeof path !== 'string') continue
    length += path.length
    if (length > MAX_PATHS_LENGTH) throw new MalformedMessage(`paths of more than ${MAX_PATHS_LENGTH} characters`)
    paths.add(path)
  }
  return paths
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
    const events = subscriber.eventsOf(path)
    if (events === undefined || audience?.(caller) === false) continue
    subscriber.send(events, encoded ??= encodeEvent(message, maxMessageSize))
  }
}
