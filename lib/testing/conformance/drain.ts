import assert from 'node:assert/strict'
import { created, DRAIN_MS, echo, failure, numbers, outcome, subscribed, until, valueOf } from '../conformance-nodes'
import type { NamedTest } from './named-test'

/** How a node leaves. */
export const drainTests: readonly NamedTest[] = [
  ['a node that leaves says goodbye, and requests to it fail as not sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    await host.transport.stop(DRAIN_MS)
    await until('it to be gone', () => !consumer.peers.has('host'))
    assert.deepEqual(consumer.departures, [['host', 'goodbye']])
    assert.equal((await failure(consumer.send('host'))).outcome, 'not-sent')
  }],
  ['a node that leaves first sends the replies that it owes, and gets no new requests meanwhile', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = consumer.send('host')
    const call = await until('the request', () => host.calls[0])
    const stopped = host.transport.stop(DRAIN_MS)
    await until('the goodbye', () => !consumer.peers.has('host'))
    assert.equal((await failure(consumer.send('host'))).outcome, 'not-sent')
    assert.deepEqual(sent.told, [])
    call.reply(null, 'the last one')
    assert.equal(await valueOf(sent), 'the last one')
    await stopped
    assert.equal(host.calls.length, 1)
  }],
  ['a node that leaves waits for replies to its own requests', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = consumer.send('host')
    const call = await until('the request', () => host.calls[0])
    const stopped = consumer.transport.stop(DRAIN_MS)
    call.reply(null, 'in time')
    await stopped
    assert.equal(await valueOf(sent), 'in time')
  }],
  ['a node whose time to leave is over fails what is still under way, with an unknown outcome', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = consumer.send('host')
    await until('the request', () => host.calls[0])
    await host.transport.stop(1)
    assert.equal((await failure(sent)).outcome, 'unknown')
    assert.equal(sent.told.length, 1)
  }],
  ['a reply to a caller that is gone harms nobody', async nodes => {
    const [host, consumer] = await nodes.pair()
    consumer.send('host')
    const call = await until('the request', () => host.calls[0])
    await consumer.transport.stop(1)
    call.reply(null, 'too late')
    echo(host)
    const next = await nodes.consumer(host, 'next')
    assert.equal(await valueOf(next.send('host', { data: 'well' })), 'well')
  }],
  ['requests that meet a goodbye on their way are answered or fail as not sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    const sent = Array.from({ length: 50 }, (_, n) => consumer.send('host', { data: n }))
    const stopped = host.transport.stop(DRAIN_MS)
    for (const [n, each] of sent.entries()) {
      const { error, value } = await outcome(each)
      if (error === null) assert.equal(value, n)
      else assert.equal((await failure(each)).outcome, 'not-sent')
    }
    await stopped
  }],
  ['events that a node publishes before it leaves arrive', async nodes => {
    const [host, listener] = await nodes.pair()
    await subscribed(host, listener)
    for (let n = 0; n < 100; n++) host.transport.publish(created(n))
    await host.transport.stop(DRAIN_MS)
    await until('all events', () => numbers(listener).length === 100)
  }],
  ['a node that left takes part no more, whatever it is asked to do', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    await subscribed(host, consumer)
    const leaver = await nodes.consumer(host, 'leaver')
    await leaver.transport.stop(DRAIN_MS)
    await leaver.transport.stop(DRAIN_MS)
    leaver.transport.announce()
    leaver.transport.subscribe('todos')
    leaver.transport.publish(created(1))
    leaver.transport.unsubscribe('todos')
    leaver.transport.cancel('host', 1)
    assert.equal((await failure(leaver.send('host'))).outcome, 'not-sent')
    host.transport.publish(created(2))
    assert.equal(await valueOf(consumer.send('host', { data: 'goes on' })), 'goes on')
    await until('the event of the host', () => numbers(consumer).includes(2))
    assert.deepEqual([numbers(consumer), leaver.events, host.calls.length], [[2], [], 1])
  }],
  ['a node that never started can stop', async nodes => {
    await nodes.make('bystander').transport.stop(DRAIN_MS)
    const [host, consumer] = await nodes.pair()
    echo(host)
    assert.equal(await valueOf(consumer.send('host', { data: 1 })), 1)
  }]
]
