import assert from 'node:assert/strict'
import { outcome, TODOS, until, valueOf } from '../conformance-nodes'
import type { NamedTest } from './named-test'

const QUESTION = { method: 'mesh:inspect', path: '', data: { ask: 'report' } }

/** How nodes are asked what they measured, and how those that only look are told from others. */
export const inspectionTests: readonly NamedTest[] = [
  ['a question about what a node measured reaches it, with who asks', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.inspect = question => question.reply(null, [question.caller?.node, question.request.data])
    assert.deepEqual(await valueOf(consumer.send('host', QUESTION)), ['consumer', QUESTION.data])
    assert.equal(host.calls.length, 0)
  }],
  ['a node that answers no such questions gets them as calls', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(new Error('no such call'))
    assert.ok((await outcome(consumer.send('host', QUESTION))).error instanceof Error)
    assert.equal(host.calls[0].request.method, QUESTION.method)
  }],
  ['a question may wait for its answer, while others are answered', async nodes => {
    const [host, consumer] = await nodes.pair()
    const waiting: Array<() => void> = []
    host.inspect = question => { waiting.push(() => question.reply(null, 'late')) }
    host.answer = call => call.reply(null, 'soon')
    const asked = consumer.send('host', QUESTION)
    assert.equal(await valueOf(consumer.send('host')), 'soon')
    await until('the question', () => waiting.length > 0)
    assert.deepEqual(asked.told, [])
    for (const answer of waiting) answer()
    assert.equal(await valueOf(asked), 'late')
  }],
  ['a node that only looks at the mesh is known as one, and others are not', async nodes => {
    const host = await nodes.start('host', [TODOS])
    const observer = nodes.make('observer')
    observer.isObserver = true
    await observer.transport.start(observer)
    const seen = await until('host to know the observer', () => host.peers.get('observer'))
    const other = await until('the observer to know host', () => observer.peers.get('host'))
    assert.deepEqual([seen.isObserver, other.isObserver ?? false], [true, false])
  }]
]
