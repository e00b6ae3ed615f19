/** What one asker may see of a node. */
export interface Sight {
  /** Whether it may call a method of this node. */
  readonly mayCall: (path: string, method: string) => boolean
  /** Whether it may hear an event of this node. */
  readonly mayHear: (path: string, event: string) => boolean
  /**
   * Whether it sees what this node calls and hears of other nodes, as only those know whom they allow it, and what its
   * program threw. So it is for nodes of the same key, which others treat alike, and for those that the options name.
   */
  readonly seesRemotes: boolean
}
