import type { MeshObserver } from '../../inspection/observer/observer'
import { messageOf, printable } from '../../printable'

/** A node that refuses to tell what passes it. */
export interface RefusedTap {
  readonly node: string
  readonly why: string
}

/** The nodes that refuse a tap, and why. */
export class RefusedTaps {
  private readonly reasons = new Map<string, string>()

  constructor (private readonly observer: Pick<MeshObserver, 'nodes'>) {}

  /**
   * A node refuses, perhaps not for the first time: it is asked again and again.
   *
   * @returns the reason; undefined where it is the one that was known
   */
  add (nodeId: string, error: unknown): string | undefined {
    const why = error === undefined ? 'it answers no questions' : printable(messageOf(error))
    if (this.reasons.get(nodeId) === why) return undefined
    this.forgetGone()
    this.reasons.set(nodeId, why)
    return why
  }

  /** A node has given its tap. */
  delete (nodeId: string): void {
    this.reasons.delete(nodeId)
  }

  /** Those of nodes that are on the mesh, by the names of these. */
  get all (): RefusedTap[] {
    this.forgetGone()
    const refused = this.observer.nodes.flatMap(({ id, name }) => {
      const why = this.reasons.get(id)
      return why === undefined ? [] : [{ node: name ?? id, why }]
    })
    return refused.sort((a, b) => a.node < b.node ? -1 : Number(a.node > b.node))
  }

  private forgetGone (): void {
    if (this.reasons.size === 0) return
    const present = new Set(this.observer.nodes.map(({ id }) => id))
    for (const id of this.reasons.keys()) if (!present.has(id)) this.reasons.delete(id)
  }
}
