import assert from 'node:assert/strict'
import { echo, failure, until, valueOf } from '../conformance-nodes'
import type { ConformanceNode } from '../conformance-node'
import type { NamedTest } from './named-test'

/** Collects the data of the requests whose callers gave them up; the host answers none of them. */
function cancelled (host: ConformanceNode): unknown[] {
  const given: unknown[] = []
  host.answer = call => { call.onCancel = () => given.push(call.request.data) }
  return given
}

/** What becomes of a request that its caller gives up. */
export const cancellationTests: readonly NamedTest[] = [
  ['a cancelled request notifies its host, and its handler is never called', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const [lost, kept] = [consumer.send('host', { data: 'given up' }), consumer.send('host', { data: 'kept' })]
    await until('both requests', () => host.calls.length === 2)
    consumer.transport.cancel('host', lost.id)
    await until('the cancellation', () => given.length > 0)
    for (const call of host.calls) call.reply(null, 'done')
    assert.equal(await valueOf(kept), 'done')
    assert.deepEqual([given, lost.told], [['given up'], []])
  }],
  ['a request that is cancelled at once is never sent, or is cancelled at its host', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const sent = Array.from({ length: 10 }, (_, n) => consumer.send('host', { data: n }))
    for (const { id } of sent) consumer.transport.cancel('host', id)
    const last = consumer.send('host', { data: 'last' })
    const call = await until('the last request', () => host.calls.find(({ request }) => request.data === 'last'))
    call.reply(null, 'done')
    assert.equal(await valueOf(last), 'done')
    const arrived = host.calls.map(({ request }) => request.data).filter(data => data !== 'last')
    await until('each that arrived to be cancelled', () => given.length === arrived.length)
    assert.deepEqual([given, sent.flatMap(({ told }) => told)], [arrived, []])
  }],
  ['a cancelled request to a node that nobody knows never calls its handler', async nodes => {
    const consumer = await nodes.start('consumer')
    const [lost, kept] = [consumer.send('nobody'), consumer.send('nobody')]
    consumer.transport.cancel('nobody', lost.id)
    assert.equal((await failure(kept)).outcome, 'not-sent')
    assert.deepEqual(lost.told, [])
  }],
  ['a reply to a cancelled request is dropped and counted', async nodes => {
    const [host, consumer] = await nodes.pair()
    const late = consumer.send('host', { data: 'late' })
    const call = await until('the request', () => host.calls[0])
    consumer.transport.cancel('host', late.id)
    call.reply(null, 'too late')
    await until('the reply to be counted', () => consumer.lateReplies === 1)
    assert.deepEqual(late.told, [])
    host.answer = call => call.reply(null, 'in time')
    assert.equal(await valueOf(consumer.send('host')), 'in time')
    assert.equal(consumer.lateReplies, 1)
  }],
  ['a request that is answered cannot be cancelled any more', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const sent = consumer.send('host', { data: 'answered' })
    const call = await until('the request', () => host.calls[0])
    call.reply(null, 'done')
    assert.equal(await valueOf(sent), 'done')
    consumer.transport.cancel('host', sent.id)
    echo(host)
    assert.equal(await valueOf(consumer.send('host', { data: 'next' })), 'next')
    assert.deepEqual([given, sent.told.length], [[], 1])
  }],
  ['cancelling twice, or what was never requested, changes nothing', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const lost = consumer.send('host', { data: 'given up' })
    const kept = consumer.send('host', { data: 'kept' })
    await until('both requests', () => host.calls.length === 2)
    for (const id of [lost.id, lost.id, -1, 0.5, NaN, 2 ** 60]) consumer.transport.cancel('host', id)
    consumer.transport.cancel('nobody', kept.id + 1_000)
    await until('the cancellation', () => given.length > 0)
    host.calls.find(({ request }) => request.data === 'kept')?.reply(null, 'done')
    assert.equal(await valueOf(kept), 'done')
    assert.deepEqual([given, lost.told], [['given up'], []])
  }],
  ['a node that leaves while its requests are served cancels them', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const sent = consumer.send('host', { data: 'abandoned' })
    await until('the request', () => host.calls[0])
    await consumer.transport.stop(1)
    assert.equal((await failure(sent)).outcome, 'unknown')
    await until('the cancellation', () => given.length > 0)
    assert.deepEqual(given, ['abandoned'])
  }],
  ['a broken connection cancels what is served, and fails it with an unknown outcome', async nodes => {
    const [host, consumer] = await nodes.pair()
    const given = cancelled(host)
    const sent = consumer.send('host', { data: 'cut off' })
    await until('the request', () => host.calls[0])
    await nodes.hook('cut')('host', 'consumer')
    assert.equal((await failure(sent)).outcome, 'unknown')
    await until('the cancellation', () => given.length > 0)
    assert.deepEqual([given, sent.told.length], [['cut off'], 1])
  }, ['cut']],
  ['a node that dies cancels what is served for it, and fails what it served with an unknown outcome', async nodes => {
    const [host, consumer] = await nodes.pair()
    const other = await nodes.consumer(host, 'other')
    const given = cancelled(host)
    consumer.send('host', { data: 'of the dead' })
    await until('the request', () => host.calls[0])
    await nodes.hook('kill')('consumer')
    await until('the cancellation', () => given.length > 0)
    const sent = other.send('host', { data: 'of the living' })
    await until('the request', () => host.calls[1])
    await nodes.hook('kill')('host')
    assert.equal((await failure(sent)).outcome, 'unknown')
    await until('the host to be gone', () => !other.peers.has('host'))
    assert.deepEqual([given[0], other.departures.at(-1)], ['of the dead', ['host', 'lost']])
    assert.equal((await failure(other.send('host'))).outcome, 'not-sent')
  }, ['kill']]
]
