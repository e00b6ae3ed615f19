/** What a message is, for those who interfere with it. */
export type MessageKind = 'request' | 'reply' | 'event'

/** Takes messages from one node of a memory network to another. */
export interface Wire {
  /** `deliver` is called later, once, or never. */
  carry (kind: MessageKind, from: string, to: string, deliver: () => void): void
}
