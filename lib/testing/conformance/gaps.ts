import assert from 'node:assert/strict'
import {
  created, gaps, losses, missed, numbers, reasons, receives, subscribed, TODOS, unsubscribesWhenLeft, until, type Nodes
} from '../conformance-nodes'
import type { ConformanceNode } from '../conformance-node'
import type { NamedTest } from './named-test'

const BURST = 20_000

/** A host of two services, and a listener that subscribed to both. */
async function listening (nodes: Nodes): Promise<readonly [host: ConformanceNode, listener: ConformanceNode]> {
  const host = await nodes.start('host', [TODOS, { ...TODOS, path: 'users' }, { ...TODOS, path: 'notes' }])
  const listener = await nodes.consumer(host, 'listener')
  await subscribed(host, listener)
  await subscribed(host, listener, 'users')
  return [host, listener]
}

/** How listeners learn of events that they did not get. */
export const gapTests: readonly NamedTest[] = [
  ['each event of a burst arrives in order, or is counted by a gap', async nodes => {
    const [host, listener] = await nodes.pair()
    await subscribed(host, listener)
    for (let n = 0; n < BURST; n++) host.transport.publish({ ...created(n), args: [n, 'x'.repeat(200)] })
    await until('all to be accounted for', () => numbers(listener).length + missed(listener) >= BURST)
    const order = numbers(listener)
    assert.equal(order.length + missed(listener), BURST)
    assert.ok(order.every((n, at) => at === 0 || order[at - 1] < n), 'they arrive in order')
    assert.ok(gaps(listener).every(({ path }) => path === 'todos'))
    assert.ok(reasons(listener).every(reason => reason === 'slow'))
  }],
  ['no gap is reported when nothing was missed', async nodes => {
    const [host, listener] = await listening(nodes)
    for (let n = 0; n < 100; n++) host.transport.publish(created(n))
    await until('all events', () => numbers(listener).length === 100)
    const late = await nodes.consumer(host, 'late')
    await subscribed(host, late)
    host.offered = [...host.offered, { ...TODOS, path: 'more' }]
    void host.transport.announce()
    await until('the new service', () => late.peers.get('host')?.contracts.length === 4)
    await receives(host, listener)
    assert.deepEqual([gaps(listener), gaps(late)], [[], []])
  }],
  ['a broken connection is reported to the listeners of each path, before the events that follow', async nodes => {
    const [host, listener] = await listening(nodes)
    await nodes.hook('cut')('host', 'listener')
    await until('both gaps', () => losses(listener).length === 2)
    await receives(host, listener, 'users')
    await receives(host, listener)
    const expected = ['todos', 'users'].map(path =>
      ({ path, key: 'default', event: 'gap', args: [{ reason: 'disconnected' }] }))
    assert.deepEqual(losses(listener).sort((one, other) => one.path < other.path ? -1 : 1), expected)
  }, ['cut']],
  ['each broken connection is reported, and only for paths with subscribers', async nodes => {
    const [host, listener] = await listening(nodes)
    listener.transport.unsubscribe('users')
    for (let times = 1; times <= 3; times++) {
      await nodes.hook('cut')('host', 'listener')
      await until('the gap', () => losses(listener).length === times)
      await receives(host, listener)
    }
    assert.deepEqual(gaps(listener).filter(({ path }) => path !== 'todos'), [])
  }, ['cut']],
  ['what a broken connection costs is counted when it is there again, and told if it is not nothing', async nodes => {
    const [host, listener] = await listening(nodes)
    listener.transport.subscribe('notes')
    await until('it to be subscribed', () => host.listeners.some(([, path]) => path === 'notes'))
    await nodes.hook('cut')('host', 'listener')
    for (let n = 0; n < 100; n++) host.transport.publish(created(n))
    await until('all gaps', () => losses(listener).length === 3)
    await until('all to be accounted for', () => numbers(listener).length + missed(listener) >= 100)
    await receives(host, listener)
    const ofNotes = gaps(listener).filter(({ path }) => path === 'notes')
    assert.deepEqual(ofNotes.map(({ args: [gap] }) => gap), [{ reason: 'disconnected' }])
    assert.ok(numbers(listener).every((n, at, all) => at === 0 || all[at - 1] < n), 'they arrive in order, and once')
  }, ['cut']],
  ['a node that is suddenly gone is reported at once to the listeners of each of its paths', async nodes => {
    const [host, listener] = await listening(nodes)
    unsubscribesWhenLeft(listener)
    await nodes.hook('kill')(host.id)
    await until('both gaps', () => gaps(listener).length === 2)
    await until('it to be gone', () => !listener.peers.has(host.id))
    await until('nothing more to come', () => listener.finished.includes(host.id))
    assert.deepEqual(gaps(listener).map(({ path, args: [gap] }) => [path, gap]).sort(), [
      ['todos', { reason: 'disconnected' }], ['users', { reason: 'disconnected' }]
    ])
  }, ['kill']],
  ['what a newcomer published before anybody could subscribe is counted for those who were there', async nodes => {
    const listener = await nodes.start('listener')
    listener.transport.subscribe('todos')
    const newcomer = nodes.make('newcomer', [TODOS])
    // Its first events are there before anybody knows it.
    const joined = newcomer.transport.start(newcomer)
    let sent = 0
    await until('an event to arrive', () => {
      newcomer.transport.publish(created(sent++))
      return numbers(listener).length > 0
    })
    await joined
    const late = await nodes.consumer(newcomer, 'late')
    await subscribed(newcomer, late)
    await until('all to be accounted for', () => numbers(listener).length + missed(listener) >= sent)
    assert.equal(numbers(listener).length + missed(listener), sent)
    assert.deepEqual(gaps(late), [], 'who came later misses nothing')
  }],
  ['only who was cut off misses events', async nodes => {
    const [host, listener] = await listening(nodes)
    const other = await nodes.consumer(host, 'other')
    await subscribed(host, other)
    await nodes.hook('cut')('host', 'listener')
    for (let n = 0; n < 100; n++) host.transport.publish(created(n))
    await until('the gaps', () => losses(listener).length === 2)
    await until('all events', () => numbers(other).length === 100)
    assert.deepEqual([numbers(other), gaps(other)], [Array.from({ length: 100 }, (_, n) => n), []])
  }, ['cut']]
]
