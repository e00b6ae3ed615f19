/** An event of a service as it travels. */
export interface EventMessage {
  readonly path: string
  readonly key: string
  readonly event: string
  /** What the listeners get, without the hook context. */
  readonly args: readonly unknown[]
  /** The hook context as plain data, where there was one. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Of a gap on its way: how many events of the path the peer was to get until then, by the count of the sender. */
  readonly count?: number
  /** The groups for which the receiving node is chosen. Without {@link EventMessage.all}, no others hear it. */
  readonly groups?: readonly string[]
  /** Whether listeners without a group hear an event that has `groups`, too. */
  readonly all?: boolean
  /** Headers by which listeners continue the trace of the event. A peer sent them: they may hold anything. */
  readonly trace?: Readonly<Record<string, unknown>>
}
