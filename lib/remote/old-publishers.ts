import { RecentMap } from '../collections/recent-map'
import type { NodeLog } from '../log'
import { nodeTitle, printablePart } from '../printable'
import type { Registry } from '../registry/registry'

/** How many publishers are remembered, those that a warning was given for last. */
const MAX_WARNED = 1_000

/** Warns of publishers that know no groups: their events go to no listener that has one. Each gets one warning. */
export class OldPublishers {
  private readonly warned = new RecentMap<string, true>(MAX_WARNED)

  constructor (private readonly registry: Registry, private readonly log: NodeLog) {}

  /** A node publishes events of a path of which this node has listeners with groups. */
  warn (id: string, path: string): void {
    if (this.warned.has(id)) return
    this.warned.set(id, true)
    const node = this.registry.node(id) ?? { id }
    const text = `node ${nodeTitle(node)} knows no groups, as it is one of feathers-distributed or of an older ` +
      `feathers-mesh: listeners with a group hear no events of its '${printablePart(path)}'; upgrade it, or listen ` +
      'without a group'
    this.log.tell('FEATHERS_MESH_GROUPS', text, { node: id, path })
  }
}
