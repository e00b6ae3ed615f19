import assert from 'node:assert/strict'
import {
  created, DRAIN_MS, echo, failure, gaps, missed, numbers, outcome, subscribed, TODOS, unsubscribesWhenLeft, until,
  valueOf
} from '../conformance-nodes'
import type { NamedTest } from './named-test'

/** How a node leaves. */
export const drainTests: readonly NamedTest[] = [
  ['a node that leaves says goodbye, and requests to it fail as not sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    await host.transport.stop(DRAIN_MS)
    await until('it to be gone', () => !consumer.peers.has('host'))
    // One of several transports may find it while it leaves by another one.
    assert.deepEqual(consumer.departures, consumer.arrivals.map(id => [id, 'goodbye']))
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
  ['events of the calls that a node finishes before it leaves arrive, also at those who did not call', async nodes => {
    const [host, caller] = await nodes.pair()
    const listener = await nodes.consumer(host, 'listener')
    for (const each of [caller, listener]) await subscribed(host, each)
    unsubscribesWhenLeft(listener)
    const sent = caller.send('host')
    const call = await until('the request', () => host.calls[0])
    const stopped = host.transport.stop(DRAIN_MS)
    for (const each of [caller, listener]) await until('the goodbye', () => !each.peers.has('host'))
    for (let n = 0; n < 10; n++) host.transport.publish(created(n))
    call.reply(null, 'done')
    assert.equal(await valueOf(sent), 'done')
    await stopped
    for (const each of [caller, listener]) {
      await until('nothing more to come', () => each.finished.includes('host'))
      assert.deepEqual(numbers(each), Array.from({ length: 10 }, (_, n) => n))
      assert.deepEqual(gaps(each), [])
    }
  }],
  ['a burst before a node leaves arrives, or is counted by a gap before the end of what comes', async nodes => {
    const [host, listener] = await nodes.pair()
    await subscribed(host, listener)
    const burst = 20_000
    for (let n = 0; n < burst; n++) host.transport.publish({ ...created(n), args: [n, 'x'.repeat(200)] })
    await host.transport.stop(2 * DRAIN_MS)
    await until('nothing more to come', () => listener.finished.includes('host'))
    assert.equal(numbers(listener).length + missed(listener), burst)
    assert.ok(numbers(listener).every((n, at, all) => at === 0 || all[at - 1] < n), 'they arrive in order, and once')
    assert.ok(gaps(listener).every(({ args: [gap] }) => (gap as { missed?: number }).missed !== undefined))
  }],
  ['two nodes that subscribed to each other leave together', async nodes => {
    const [one, other] = await Promise.all(['one', 'other'].map(async id => await nodes.start(id, [TODOS])))
    await until('them to meet', () => one.peers.has('other') && other.peers.has('one'))
    await subscribed(one, other)
    await subscribed(other, one)
    const startedAt = performance.now()
    await Promise.all([one, other].map(async ({ transport }) => await transport.stop(60_000)))
    assert.ok(performance.now() - startedAt < 60_000, 'neither waits for the other')
  }],
  ['a node that left takes part no more, whatever it is asked to do', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    await subscribed(host, consumer)
    const leaver = await nodes.consumer(host, 'leaver')
    await leaver.transport.stop(DRAIN_MS)
    await leaver.transport.stop(DRAIN_MS)
    void leaver.transport.announce()
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
