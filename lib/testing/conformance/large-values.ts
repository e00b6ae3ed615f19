import assert from 'node:assert/strict'
import { created, echo, numbers, outcome, subscribed, until, valueOf } from '../conformance-nodes'
import type { NamedTest } from './named-test'

const MEGABYTE = 1024 * 1024
/** What a message has beside its data, at most. */
const ENVELOPE = 4_096

const largeValues = (): unknown[] => [
  'ü'.repeat(MEGABYTE / 2),
  Buffer.alloc(MEGABYTE, 'bytes'),
  Array.from({ length: 50_000 }, (_, n) => n),
  new Map(Array.from({ length: 10_000 }, (_, n) => [n, { id: n, at: new Date(n) }])),
  Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field ${n}`, n]))
]

/** How messages travel that are longer than a packet, a buffer, or what a transport takes. */
export const largeValueTests: readonly NamedTest[] = [
  ['values of a megabyte arrive as they are, both ways', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    for (const value of largeValues()) {
      assert.deepStrictEqual(await valueOf(consumer.send('host', { method: 'create', data: value })), value)
      assert.deepStrictEqual(host.calls.at(-1)?.request.data, value)
    }
  }],
  ['events of a megabyte arrive as they are, in their order among small ones', async nodes => {
    const [host, listener] = await nodes.pair()
    await subscribed(host, listener)
    const values = largeValues()
    for (const [n, value] of values.entries()) {
      host.transport.publish({ ...created(2 * n), args: [2 * n, value] })
      host.transport.publish(created(2 * n + 1))
      await until('both events', () => numbers(listener).length === 2 * n + 2)
    }
    assert.deepEqual(numbers(listener), Array.from({ length: 2 * values.length }, (_, n) => n))
    const large = listener.events.filter(({ args }) => args.length > 1).map(({ args }) => args[1])
    assert.deepStrictEqual(large, values)
  }],
  ['small requests are answered while large ones travel', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    const text = 'x'.repeat(MEGABYTE)
    // There is a connection then: all of them may be too much to wait for one.
    assert.equal(await valueOf(consumer.send('host', { data: 'first' })), 'first')
    const large = Array.from({ length: 4 }, () => consumer.send('host', { data: text }))
    const small = Array.from({ length: 20 }, (_, n) => consumer.send('host', { data: n }))
    assert.deepEqual(await Promise.all(small.map(valueOf)), Array.from({ length: 20 }, (_, n) => n))
    for (const each of large) assert.equal(await valueOf(each), text)
  }],
  ['an error of a megabyte arrives as an error, if not with all of its details', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(new Error('x'.repeat(MEGABYTE)))
    const { error } = await outcome(consumer.send('host'))
    assert.ok(error instanceof Error && error.message.startsWith('xxx'))
  }],
  ['a message just below the maximum arrives', async nodes => {
    const text = 'x'.repeat(nodes.hook('maxMessageSize') - ENVELOPE)
    const [host, consumer] = await nodes.pair()
    echo(host)
    assert.equal(await valueOf(consumer.send('host', { data: text })), text)
    await subscribed(host, consumer)
    host.transport.publish({ ...created(1), args: [1, text] })
    await until('the event', () => numbers(consumer).length === 1)
    assert.equal(consumer.events.at(-1)?.args[1], text)
  }, ['maxMessageSize']],
  ['a request above the maximum throws where it is made, and all others go on', async nodes => {
    const text = 'x'.repeat(nodes.hook('maxMessageSize') + 1)
    const [host, consumer] = await nodes.pair()
    const before = consumer.send('host', { data: 'before' })
    await until('the request', () => host.calls[0])
    assert.throws(() => consumer.send('host', { data: text }), /\d+ bytes/)
    for (const call of host.calls) call.reply(null, 'still there')
    assert.equal(await valueOf(before), 'still there')
    echo(host)
    assert.equal(await valueOf(consumer.send('host', { data: 'behind it' })), 'behind it')
    assert.equal(host.calls.length, 2)
  }, ['maxMessageSize']],
  ['a result above the maximum fails its own call with a clear error, and all others go on', async nodes => {
    const text = 'x'.repeat(nodes.hook('maxMessageSize') + 1)
    const [host, consumer] = await nodes.pair()
    const others = [consumer.send('host', { data: 1 }), consumer.send('host', { data: 2 })]
    await until('the requests', () => host.calls.length === 2)
    host.answer = call => call.reply(null, text)
    const { error } = await outcome(consumer.send('host'))
    assert.match(String((error as Error).message), /todos\.find\(\): the result can't be sent: .*\d+ bytes/)
    for (const call of host.calls.slice(0, 2)) call.reply(null, 'still there')
    for (const each of others) assert.equal(await valueOf(each), 'still there')
  }, ['maxMessageSize']],
  ['an event above the maximum throws where it is published, and its listeners get the next ones', async nodes => {
    const text = 'x'.repeat(nodes.hook('maxMessageSize') + 1)
    const [host, listener] = await nodes.pair()
    await subscribed(host, listener)
    assert.throws(() => host.transport.publish({ ...created(1), args: [1, text] }), /\d+ bytes/)
    host.transport.publish(created(2))
    await until('the next event', () => numbers(listener).includes(2))
    assert.deepEqual(numbers(listener), [2])
  }, ['maxMessageSize']],
  ['an error above the maximum arrives as an error of its class', async nodes => {
    const text = 'x'.repeat(nodes.hook('maxMessageSize') + 1)
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(new TypeError(text))
    const { error } = await outcome(consumer.send('host'))
    assert.ok(error instanceof Error && error.name === 'TypeError' && error.message.startsWith('xxx'))
    echo(host)
    assert.equal(await valueOf(consumer.send('host', { data: 'behind it' })), 'behind it')
  }, ['maxMessageSize']]
]
