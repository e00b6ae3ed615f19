import { MemoryNetwork } from 'feathers-mesh'
import {
  faultConformance, transportConformance, type ConformanceHooks, type ConformanceTest, type MakeTransport
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
  const tests = [...transportConformance, ...faultConformance]
  const isProvided = ({ needs }: ConformanceTest): boolean => needs.every(hook => hook in provided)
  const lacking = tests.filter(test => !isProvided(test))

  it.each(tests.filter(isProvided))('passes $name', async ({ run }) => {
    const { makeTransport, hooks } = makeMesh()
    await run(makeTransport, hooks)
  })

  // A list without rows is an error of jest.
  if (lacking.length > 0) it.skip.each(lacking)('has no hook for $name', () => {})
})
