import { DistributedModule, MemoryNetwork, type DistributedModuleOptions, type Transport } from 'feathers-mesh'

/** Nodes of one memory network; all that a test made are stopped after it. */
export interface MemoryMesh {
  /** A node that is not started. */
  node (options?: DistributedModuleOptions): DistributedModule
  /** A node on the mesh. */
  start (options?: DistributedModuleOptions): Promise<DistributedModule>
  /** A transport of the network, for what is no node of ours. */
  transport (): Transport
}

/** Long enough for all that should work, and a failure well before jest's own limit for all that should not. */
const TIMEOUT = 5_000

export function memoryMesh (): MemoryMesh {
  let network = new MemoryNetwork()
  let nodes: DistributedModule[] = []

  afterEach(async () => {
    const made = nodes
    nodes = []
    network = new MemoryNetwork()
    await Promise.all(made.map(async node => await node.stop()))
  })

  const mesh: MemoryMesh = {
    node (options) {
      const node = DistributedModule.forRoot({
        transport: network.transport(), timeout: TIMEOUT, drainTimeout: TIMEOUT, ...options
      })
      nodes.push(node)
      return node
    },
    async start (options) {
      const node = mesh.node(options)
      await node.start()
      return node
    },
    transport: () => network.transport()
  }
  return mesh
}

/** The id of a node, as others know it. */
export function idOf (node: DistributedModule): string {
  const own = node.nodes()[0]
  if (own === undefined) throw new Error('a node always knows itself')
  return own.id
}

/** A node as errors and warnings name it. */
export function titleOf (node: DistributedModule): string {
  return `${node.nodes()[0]?.name ?? ''} (${idOf(node)})`
}
