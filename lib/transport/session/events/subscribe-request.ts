/** What is sent beside the paths: old nodes ignore it. */
export interface SubscribeParams {
  readonly counts: true
  /** The token of an earlier subscription that this one continues. */
  readonly resume?: string
  /** The groups that the sender is in; the paths are those of which it wants all events. */
  readonly groups?: ReadonlyArray<readonly [path: string, event: string, group: string]>
}

/** Gets the answer to a subscription. */
export interface SubscribeHandler {
  /** The peer answered: with anything. */
  readonly settle: (answer: unknown) => void
  /** It did not get the paths. */
  readonly fail: () => void
}
