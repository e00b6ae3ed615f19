import type { UnreachablePeer } from 'feathers-mesh/transport'
import { UnreachablePeers } from '../../../../lib/transport/cote/outbound/unreachable-peers'

const peer = (id: string): UnreachablePeer => ({
  id, key: 'default', address: '10.0.0.1:4100', reason: 'connect ECONNREFUSED', code: 'notReached'
})

describe('the nodes that can\'t be reached', () => {
  it('are known with the reason, those first that failed last, until they are reached', () => {
    const peers = new UnreachablePeers(60_000)
    for (const id of ['one', 'two', 'one']) peers.add(id, peer(id))
    expect(peers.all).toEqual([peer('one'), peer('two')])
    peers.delete('one')
    expect(peers.all).toEqual([peer('two')])
  })

  it('are at most a hundred, the last ones', () => {
    const peers = new UnreachablePeers(60_000)
    for (let n = 0; n < 5_000; n++) peers.add(`node ${n}`, peer(`node ${n}`))
    expect(peers.all).toHaveLength(100)
    expect(peers.all[0]).toEqual(peer('node 4999'))
  })

  it('come before what was refused, of which they take no room', () => {
    const peers = new UnreachablePeers(60_000)
    peers.add('one', peer('one'))
    for (let n = 0; n < 5_000; n++) peers.refuse('plainHello', `10.0.0.${n}`, 'give it a secret')
    peers.refuse('droppedEvents', '10.0.0.1')
    const { all } = peers
    expect(all).toHaveLength(101)
    expect(all[0]).toEqual(peer('one'))
    const reason = 'this node refuses a hello without proof; give it a secret'
    expect(all[1]).toEqual({ address: '10.0.0.4999', reason, code: 'plainHello' })
  })

  it('are followed by the places where nobody is found, until somebody is', () => {
    const peers = new UnreachablePeers(60_000)
    for (let n = 0; n < 5_000; n++) peers.fail(`10.0.0.1:${n}`, 'connect ECONNREFUSED')
    peers.refuse('plainHello', '10.0.0.2')
    expect(peers.all).toHaveLength(101)
    const reason = 'connect ECONNREFUSED'
    expect(peers.all[1]).toEqual({ address: '10.0.0.1:4999', reason, isPlace: true, code: 'nobody' })
    peers.fail('10.0.0.1:4999', undefined)
    expect(peers.all[1].address).toBe('10.0.0.1:4998')
  })

  it('are forgotten when nothing failed for a while', () => {
    const peers = new UnreachablePeers(-1)
    peers.add('one', peer('one'))
    expect(peers.all).toEqual([])
  })
})
