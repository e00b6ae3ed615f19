import assert from 'node:assert/strict'
import { echo, TODOS, until, valueOf } from '../conformance-nodes'
import type { NamedTest } from './named-test'

/** How nodes find each other. */
export const meetingTests: readonly NamedTest[] = [
  ['nodes meet whichever starts first, with their contracts', async nodes => {
    const first = await nodes.start('first', [TODOS])
    const second = await nodes.start('second', [])
    await until('each to know the other', () => first.peers.has('second') && second.peers.has('first'))
    const { id, key, contracts } = second.peers.get('first') ?? {}
    assert.deepEqual({ id, key, contracts }, { id: 'first', key: 'default', contracts: [TODOS] })
    assert.deepEqual(first.peers.get('second')?.contracts, [])
  }],
  ['nodes learn of contracts that change', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.offered = [TODOS, { ...TODOS, path: 'users' }]
    void host.transport.announce()
    await until('the other service', () => consumer.peers.get('host')?.contracts.length === 2)
    host.offered = []
    void host.transport.announce()
    await until('no service', () => consumer.peers.get('host')?.contracts.length === 0)
    assert.deepEqual(consumer.departures, [])
  }],
  ['nodes that start at the same time all meet', async nodes => {
    const all = await Promise.all(['one', 'two', 'three'].map(async id => await nodes.start(id, [TODOS])))
    await until('all to know all', () => all.every(({ peers }) => peers.size === 2))
    for (const node of all) echo(node)
    for (const node of all) {
      for (const { id } of all) if (id !== node.id) assert.equal(await valueOf(node.send(id, { data: id })), id)
    }
  }]
]
