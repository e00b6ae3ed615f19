import type { Caller } from '../contract/contract'

/** Headers that carry a trace from node to node, as its propagator names them. */
export type TraceHeaders = Readonly<Record<string, string>>

/** A call to another node: one span, whatever the number of its attempts. */
export interface CalledTrace {
  /** What travels with the call; undefined where there is no trace. */
  readonly headers: TraceHeaders | undefined
  /** An attempt begins. @param node - the id of the replica that gets the call */
  sent (node: string): void
  /** The call has ended, with an error or without. @param ms - how long it took */
  ended (error: unknown, ms: number): void
}

/** A call of another node. */
export interface ServedTrace {
  /** Runs the service as part of the trace. */
  run<T> (work: () => T): T
  /** The service has answered. @param ms - how long that took */
  ended (error: unknown, ms: number): void
}

/** What a tracer reads of a request. A peer sent it: `params` and `trace` may hold anything. */
export interface TracedRequest {
  readonly path: string
  readonly method: string
  readonly params?: unknown
  readonly trace?: unknown
}

/** What a tracer reads of an event. */
export interface TracedEvent {
  readonly path: string
  readonly event: string
  readonly trace?: unknown
}

/**
 * What a node tells of each call and event while it is traced. Rooms that call it know nothing of the library that
 * makes spans. Without telemetry there is no tracer, which costs one comparison per call.
 */
export interface CallTracer {
  /**
   * A call to another node begins. Returns undefined where nothing is traced.
   *
   * @param params - those that travel; the headers of an outside client among them
   */
  called (path: string, method: string, params: unknown): CalledTrace | undefined
  /** A call of another node begins. Returns undefined where nothing is traced. */
  served (request: TracedRequest, caller: Caller): ServedTrace | undefined
  /** An event goes to other nodes. Returns what travels with it; undefined where there is no trace. */
  published (event: TracedEvent): TraceHeaders | undefined
  /** A listener hears an event of another node. @param group - the group of the listener, if it has one */
  heard<T> (event: TracedEvent, group: string | undefined, listener: () => T): T
  /** Runs work for an outside client, as part of its trace where this process has none for it yet. */
  entered<T> (params: unknown, work: () => T): T
}
