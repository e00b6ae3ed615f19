import { CoteTransport, MemoryNetwork } from 'feathers-mesh'
import { transportConformance } from 'feathers-mesh/testing'

let meshes = 0

/** Makes the transports of one mesh. */
const kinds: Record<string, () => () => CoteTransport | ReturnType<MemoryNetwork['transport']>> = {
  memory () {
    const network = new MemoryNetwork()
    return () => network.transport()
  },
  cote () {
    const environment = `conformance-${process.pid}-${++meshes}`
    return () => new CoteTransport({ environment })
  }
}

describe.each(Object.entries(kinds))('the %s transport', (_name, makeMesh) => {
  it.each(transportConformance)('keeps that $name', async ({ run }) => await run(makeMesh()))
})
