/**
 * What the author of a transport can do to it besides what every `Transport` can: break it, and tell its bounds.
 * Nodes go by their ids. A hook may return a promise; the test goes on when that resolves.
 */
export interface ConformanceHooks {
  /** Breaks the connections between two nodes, as a cable that is pulled out and put back: they can connect again. */
  readonly cut: (one: string, other: string) => void | Promise<void>
  /** Ends a node as `kill -9` ends its process: without a goodbye. The node stays in memory; only its mesh loses it. */
  readonly kill: (node: string) => void | Promise<void>
  /** Makes a node read nothing more from its connections; the function that is returned makes it read on. */
  readonly deafen: (node: string) => Resume | Promise<Resume>
  /** Connects to a node as a stranger can, sends it these bytes and hangs up. */
  readonly inject: (node: string, bytes: Buffer) => void | Promise<void>
  /** Inputs for `inject` that only the author knows: messages in the transport's own form, with faults in them. */
  readonly malformed: readonly Buffer[]
  /** Bytes of the longest message that the transport sends. */
  readonly maxMessageSize: number
}

/** Makes a node that was deafened read on. */
export type Resume = () => void | Promise<void>

/** The name of a hook. */
export type HookName = keyof ConformanceHooks

/** A test needs a hook that its caller did not pass. */
export class MissingHook extends Error {
  override readonly name = 'MissingHook'

  constructor (readonly hook: HookName) {
    super(`this test needs the hook '${hook}': pass it to run(), or skip the tests whose 'needs' name it`)
  }
}
