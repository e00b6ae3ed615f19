import { feathers } from '@feathersjs/feathers'
import distribution, { ConfigurationError, CoteTransport, DistributedModule, type CoteOptions } from 'feathers-mesh'
import { BareNode } from '../../bare-node'
import { CoteMesh } from '../../security/mesh-of'
import { rejection } from '../../until'

const LONGEST = 'k'.repeat(1_000)
/** Each is too long, by UTF-16 units or by bytes alone. */
const TOO_LONG = ['k'.repeat(1_001), '€'.repeat(334), '😀'.repeat(251), '\ud800'.repeat(334)]

const WAYS: ReadonlyArray<readonly [what: string, give: (key: string) => unknown]> = [
  ["option 'key' of forRoot", key => DistributedModule.forRoot({ key })],
  ["option 'key' of the plugin", key => feathers().configure(distribution({ key }))],
  ["option 'environment' of forRoot", environment => DistributedModule.forRoot({ environment })],
  ["option 'cote.environment'", environment => DistributedModule.forRoot({ cote: { environment } })],
  ["option 'cote.hostName'", hostName => DistributedModule.forRoot({ cote: { hostName } })],
  ["option 'environment' of a transport", environment => new CoteTransport({ environment })]
]

function errorOf (action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('it should have been refused')
}

describe('a name that hellos repeat', () => {
  it.each(WAYS)('is refused as %s when it is longer than peers accept', (_way, give) => {
    for (const name of TOO_LONG) {
      const error = errorOf(() => give(name)) as Error
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toMatch(/must have at most (1000|253) bytes, and it has 1\d\d\d/)
      expect(error.message.length).toBeLessThan(500)
    }
  })

  it('is refused as MESH_KEY when it is longer than peers accept', () => {
    process.env.MESH_KEY = 'k'.repeat(1_001)
    try {
      expect(errorOf(() => DistributedModule.forRoot())).toBeInstanceOf(ConfigurationError)
    } finally {
      delete process.env.MESH_KEY
    }
  })

  it('is refused by a transport at the start of a node whose key or id is longer than peers accept', async () => {
    for (const node of [{ key: '€'.repeat(334) }, { id: 'i'.repeat(1_001) }]) {
      const transport = new CoteTransport({ broadcast: '127.255.255.255' } satisfies CoteOptions)
      expect(await rejection(new BareNode(transport, node).start())).toBeInstanceOf(ConfigurationError)
    }
  })

  it('may be as long as peers accept', async () => {
    const mesh = new CoteMesh()
    try {
      await mesh.host({ key: LONGEST, environment: mesh.cote.environment })
      const todos = await mesh.consumer({ key: '€'.repeat(333), environment: mesh.cote.environment })
      expect(await todos.create({ title: 'Buy milk' })).toMatchObject({ title: 'Buy milk' })
    } finally {
      await mesh.end()
    }
  })
})
