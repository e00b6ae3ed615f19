/** A process with all nodes of a memory network, for what it takes until all of them see all. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DistributedModule, MemoryNetwork } from 'feathers-mesh'
import { obey } from '../../processes/obey'
import { cpuTime } from '../../processes/usage'
import type { StartFigures } from './measure-start'

obey({
  start: async ({ nodes: count, services }: { readonly nodes: number, readonly services: number }) => {
    const network = new MemoryNetwork()
    const begin = performance.now()
    const before = cpuTime()
    const nodes = Array.from({ length: count }, (_, n) => {
      const mesh = DistributedModule.forRoot({ key: `node-${n}`, transport: network.transport() })
      for (let service = 0; service < services; service++) {
        mesh.app.use(`node-${n}/service-${service}`, { find: async () => [], get: async (id: unknown) => ({ id }) })
      }
      return mesh
    })
    await Promise.all(nodes.map(async mesh => await mesh.start()))
    while (nodes.some(mesh => mesh.services().length < count * services)) await nextTurn()
    return {
      all: performance.now() - begin,
      dials: 0,
      cpu: (cpuTime() - before) / 1e6,
      memory: process.memoryUsage.rss()
    } satisfies StartFigures
  }
})
