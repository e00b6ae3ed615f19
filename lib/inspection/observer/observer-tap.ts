import { setTimeout as pause } from 'node:timers/promises'
import type { TapBatch, TapRecord } from '../records'
import { readBatch } from './read-answers'

/** After a tap was refused, or its node did not answer. */
const PAUSE_MS = 1_000

/** How long the end of a tap waits for nodes to learn of it. */
const END_MS = 250

/** What a tap tells, by the id of the node that tells it. */
export interface TapListener {
  readonly onRecords: (nodeId: string, records: readonly TapRecord[]) => void
  /** So many more records passed than are told. */
  readonly onLost?: (nodeId: string, count: number) => void
  /** The node gave its tap, perhaps after it had refused it. */
  readonly onOpened?: (nodeId: string) => void
  /** The node tells nothing: it is old, or its options or those of its services don't allow it. */
  readonly onRefused?: (nodeId: string, error: unknown) => void
}

/** Asks a node; resolves to undefined where it knows no such questions. */
export type Ask = (nodeId: string, data: object) => Promise<unknown>

/** The same tap on many nodes, each of which is asked again and again. */
export class ObserverTap {
  /** The nodes that are asked, and the tap that each of them gave. */
  private readonly nodes = new Map<string, string | undefined>()

  constructor (private readonly ask: Ask, private readonly listener: TapListener) {}

  /** Taps a node, unless that is under way. */
  add (nodeId: string): void {
    if (this.nodes.has(nodeId)) return
    this.nodes.set(nodeId, undefined)
    void this.follow(nodeId)
  }

  /** The node is gone. */
  delete (nodeId: string): void {
    this.nodes.delete(nodeId)
  }

  /** Ends it on all nodes. Resolves when they know, or soon: a node ends a tap that nobody asks, too. */
  async stop (): Promise<void> {
    const open = [...this.nodes]
    this.nodes.clear()
    const told = open.map(async ([nodeId, tap]) => {
      if (tap !== undefined) await this.ask(nodeId, { tap, end: true }).catch(() => {})
    })
    await Promise.race([Promise.all(told), pause(END_MS, undefined, { ref: false })])
  }

  private async follow (nodeId: string): Promise<void> {
    while (this.nodes.has(nodeId)) {
      try {
        if (!await this.next(nodeId)) {
          this.listener.onRefused?.(nodeId, undefined)
          return
        }
      } catch (error) {
        if (!this.nodes.has(nodeId)) return
        this.listener.onRefused?.(nodeId, error)
        this.nodes.set(nodeId, undefined)
        await pause(PAUSE_MS, undefined, { ref: false })
      }
    }
  }

  /** Asks once; returns whether there is any use in asking again. */
  private async next (nodeId: string): Promise<boolean> {
    const tap = this.nodes.get(nodeId)
    const answer = await this.ask(nodeId, tap === undefined ? { ask: 'tap' } : { tap })
    if (answer === undefined) return false
    const batch = readBatch(answer)
    if (!this.nodes.has(nodeId)) return true
    // Without one it was closed, as this node was silent for too long: it gets another one.
    this.nodes.set(nodeId, batch?.tap)
    if (tap === undefined && batch !== undefined) this.listener.onOpened?.(nodeId)
    if (batch === undefined) await pause(PAUSE_MS, undefined, { ref: false })
    else this.tell(nodeId, batch)
    return true
  }

  private tell (nodeId: string, { records, lost }: TapBatch): void {
    const { onRecords, onLost } = this.listener
    if (records.length > 0) onRecords(nodeId, records)
    if (lost > 0) onLost?.(nodeId, lost)
  }
}
