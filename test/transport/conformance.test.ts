import { MemoryNetwork } from 'feathers-mesh'
import {
  faultConformance, transportConformance, type ConformanceHooks, type MakeTransport
} from 'feathers-mesh/testing'
import { CoteUnderTest } from './cote/cote-under-test'

interface Mesh {
  readonly makeTransport: MakeTransport
  readonly hooks: Partial<ConformanceHooks>
}

const MEGABYTE = 1024 * 1024
let meshes = 0

/** A mesh for each test. */
const kinds: Record<string, () => Mesh> = {
  memory () {
    const network = new MemoryNetwork()
    const hooks = {
      cut (one: string, other: string) {
        network.cut(one, other)
        network.join()
      },
      kill: (node: string) => network.kill(node)
    }
    return { makeTransport: () => network.transport(), hooks }
  },
  cote () {
    // Bounds that a test reaches soon.
    const bounds = { maxBacklog: 4 * MEGABYTE, maxMessageSize: 3 * MEGABYTE }
    const mesh = new CoteUnderTest({ environment: `conformance-${process.pid}-${++meshes}`, ...bounds })
    return { makeTransport: () => mesh.transport(), hooks: mesh.hooks() }
  }
}

describe.each(Object.entries(kinds))('the %s transport', (_name, makeMesh) => {
  const provided = makeMesh().hooks

  for (const { name, needs, run } of [...transportConformance, ...faultConformance]) {
    const test = needs.every(hook => hook in provided) ? it : it.skip
    test(name, async () => {
      const { makeTransport, hooks } = makeMesh()
      await run(makeTransport, hooks)
    })
  }
})
