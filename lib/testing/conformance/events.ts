import assert from 'node:assert/strict'
import { created, numbers, outcome, subscribed, until } from '../conformance-nodes'
import type { NamedTest } from './named-test'

/** How events reach their listeners. */
export const eventTests: readonly NamedTest[] = [
  ['an event goes to those who subscribed to its path, in order, and to nobody else', async nodes => {
    const [host, listener] = await nodes.pair()
    const deaf = await nodes.start('deaf')
    await subscribed(host, listener)
    for (let n = 0; n < 100; n++) {
      host.transport.publish(created(n))
      host.transport.publish(created(n, 'users'))
    }
    await until('the last event', () => listener.events.at(-1)?.args[0] === 99)
    assert.deepEqual(numbers(listener), Array.from({ length: 100 }, (_, n) => n))
    assert.deepEqual(listener.events.at(-1), created(99))
    assert.deepEqual([deaf.events, host.events], [[], []])
  }],
  ['an event goes only to the listeners that its host admits, and the host knows who subscribed', async nodes => {
    const [host, allowed] = await nodes.pair()
    const other = await nodes.start('other')
    host.audiences.set('created', peer => peer.node === 'consumer')
    const listeners = [allowed, other]
    for (const { transport } of listeners) transport.subscribe('todos')
    await until('both to get what is for all', () => {
      host.transport.publish(created(1))
      host.transport.publish({ ...created(2), event: 'removed' })
      return listeners.every(({ events }) => events.some(({ event }) => event === 'removed'))
    })
    assert.ok(allowed.events.some(({ event }) => event === 'created'))
    assert.deepEqual(other.events.filter(({ event }) => event === 'created'), [])
    // A peer that moves to another connection before the first has answered is told for both.
    const told = new Set(host.listeners.map(([{ node, key }, path]) => `${node} ${key} ${path}`))
    assert.deepEqual([...told].sort(), ['consumer default todos', 'other default todos'])
  }],
  ['events end when a listener unsubscribes', async nodes => {
    const [host, listener] = await nodes.pair()
    host.answer = call => call.reply(null)
    await subscribed(host, listener)
    listener.transport.unsubscribe('todos')
    await until('no event', async () => {
      const before = listener.events.length
      host.transport.publish(created(2))
      // The reply follows the event, if there is one.
      await outcome(listener.send('host'))
      return listener.events.length === before
    })
  }]
]
