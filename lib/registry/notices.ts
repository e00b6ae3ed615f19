import type { NodeLog } from '../log'
import { printable } from '../printable'

/** How many warnings are about paths that this node does not name: peers choose these. */
const MAX_NOTICES = 100
/** Characters of the last one: what is told behind it has to fit into the line. */
const MAX_TEXT = 300

/** Warnings about what other nodes offer: each is told once, and those about paths that peers choose are bounded. */
export class Notices {
  private readonly told = new Set<string>()
  private others = 0

  /** @param named - the paths that this node names: of these all is told */
  constructor (private readonly named: ReadonlySet<string>, private readonly log: NodeLog) {}

  /**
   * Warns, unless that was told before.
   *
   * @param kind - what is told: of each path once
   */
  tell (kind: string, path: string, text: string): void {
    const id = `${kind} ${path}`
    if (this.told.has(id)) return
    const isNamed = this.named.has(path)
    if (!isNamed && this.others >= MAX_NOTICES) return
    this.told.add(id)
    if (!isNamed) this.others++
    const last = this.others === MAX_NOTICES && !isNamed ? ' (further ones are not reported)' : ''
    this.log.tell('FEATHERS_MESH_SERVICE', last === '' ? text : printable(text, MAX_TEXT) + last, { path })
  }
}
