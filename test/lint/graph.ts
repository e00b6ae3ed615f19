/** What imports what, by name. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Groups of nodes each of which reaches all the others of its group: cycles, and what lies on several of them. */
export function cyclesOf (graph: Graph): string[][] {
  return new CycleSearch(graph).run()
}

/** Tarjan's strongly connected components, without those of a lone node. */
class CycleSearch {
  private readonly found: string[][] = []
  private readonly order = new Map<string, number>()
  private readonly lowest = new Map<string, number>()
  private readonly path: string[] = []

  constructor (private readonly graph: Graph) {}

  run (): string[][] {
    for (const node of this.graph.keys()) if (!this.order.has(node)) this.visit(node)
    return this.found
  }

  private visit (node: string): void {
    const index = this.order.size
    this.order.set(node, index)
    this.lowest.set(node, index)
    this.path.push(node)
    for (const next of this.graph.get(node) ?? []) {
      if (!this.order.has(next)) this.visit(next)
      if (this.path.includes(next)) this.lower(node, this.lowest.get(next) ?? index)
    }
    if (this.lowest.get(node) === index) this.close(node)
  }

  private lower (node: string, index: number): void {
    this.lowest.set(node, Math.min(this.lowest.get(node) ?? index, index))
  }

  private close (node: string): void {
    const group = this.path.splice(this.path.indexOf(node))
    const isLoop = this.graph.get(node)?.has(node) === true
    if (group.length > 1 || isLoop) this.found.push(group.sort())
  }
}
