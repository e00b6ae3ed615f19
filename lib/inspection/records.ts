/** How something passed this node: a call that it served or made, an event that it sent or received. */
export type TapSide = 'served' | 'called' | 'sent' | 'received'

/** All sides. */
export const TAP_SIDES: readonly TapSide[] = ['served', 'called', 'sent', 'received']

/** One call or event, as a tap tells it: no id, query, data, headers, or text of an error. */
export interface TapRecord {
  readonly side: TapSide
  /** When it ended, in ms since 1970 by the wall clock of the node. */
  readonly at: number
  readonly path: string
  /** The method, or the event. */
  readonly name: string
  /** The node on the other side, where it is known. */
  readonly node?: string
  /** The key of that node, where it is known. */
  readonly key?: string
  /** What a request that came takes in memory, or what is sent carries, in bytes, where it is known. */
  readonly bytes?: number
  /** Of a call that was served: how many characters the answer has, where it is known. */
  readonly replyLength?: number
  /** How long the call took, in ms. */
  readonly ms?: number
  /** Of a call: `ok`, or the code of its error. */
  readonly outcome?: string
  /** As JSON, if the tap asks for payloads and the node tells them: what was sent. */
  readonly payload?: string
}

/** What a node gives a tap that asks for more. */
export interface TapBatch {
  readonly tap: string
  readonly records: readonly TapRecord[]
  /** How many more there were: beyond the rate of a tap, or too many to keep. */
  readonly lost: number
}
