import { CoteTransport } from 'feathers-mesh'
import { Nodes } from '../../../../lib/testing/conformance-nodes'
import { until } from '../../../until'

const environment = `environments-${process.pid}`
const ours = new Nodes(() => new CoteTransport({ environment }))
const theirs = new Nodes(() => new CoteTransport({ environment: `${environment}-of-others` }))

afterEach(async () => { await Promise.all([ours.stop(), theirs.stop()]) })

describe('a node of another environment with the id of a peer', () => {
  it('can join and leave without affecting the peer', async () => {
    const [, consumer] = await ours.pair()
    const host = await theirs.start('host')
    const next = await theirs.start('next')
    await until('it to be announced', () => next.peers.has('host'))
    await host.transport.stop(0)
    // Packets arrive in order: once this node is known, all earlier packets have been read.
    await ours.start('last')
    await until('the last one', () => consumer.peers.has('last'))
    expect(consumer.departures).toEqual([])
    expect([...consumer.peers.keys()].sort()).toEqual(['host', 'last'])
  })
})
