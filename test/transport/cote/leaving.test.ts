import { Socket } from 'node:net'
import type { Contract, Transport } from 'feathers-mesh'
import { BareNode, type BareNodeOptions } from '../../bare-node'
import { until } from '../../until'
import { resourcesOf } from '../resources'
import { CoteUnderTest } from './cote-under-test'

const contracts: readonly Contract[] = [{ path: 'todos', methods: [{ name: 'create', idempotent: false }], events: [] }]
const stops: Transport[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map(async transport => await transport.stop(0)))
})

async function start (mesh: CoteUnderTest, options: BareNodeOptions): Promise<BareNode> {
  const transport = mesh.transport()
  stops.push(transport)
  return await new BareNode(transport, options).start()
}

const hasConnections = ({ transport }: BareNode): boolean =>
  resourcesOf(transport).some(resource => resource instanceof Socket && !resource.destroyed)

describe('a node that leaves', () => {
  it('answers calls that were sent before its goodbye came, also where the connection was dialled again', async () => {
    const mesh = new CoteUnderTest({ environment: `leaving-${process.pid}`, idleTimeout: 50 })
    const host = await start(mesh, { id: 'host', contracts, serve: ({ data }, reply) => reply(null, data) })
    const caller = await start(mesh, { id: 'caller' })
    const call = async (n: number): Promise<unknown> =>
      await caller.ask('host', { method: 'create', path: 'todos', data: n })
    await until('the host', () => caller.peers.has('host'))
    await until('the end of the idle connection', () => !hasConnections(caller) && !hasConnections(host))
    expect(await call(0)).toBe(0)
    const calls = Array.from({ length: 10 }, async (_, n) => await call(n))
    const stopped = host.transport.stop(10_000)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, (_, n) => n))
    await stopped
  })
})
