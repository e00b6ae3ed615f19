import assert from 'node:assert/strict'
import { created, echo, failure, outcome, until, valueOf } from '../conformance-nodes'
import type { NamedTest } from './named-test'

/** How requests and replies travel. */
export const requestTests: readonly NamedTest[] = [
  ['a request arrives as it was sent, and so does its reply', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, { n: 1, list: ['ü', null] })
    const request = { method: 'create', id: 7, data: { a: ['🎉'] }, params: { query: { b: true } } }
    assert.deepEqual(await valueOf(consumer.send('host', request)), { n: 1, list: ['ü', null] })
    assert.deepEqual({ ...host.calls[0].request }, { key: 'default', path: 'todos', deadline: undefined, ...request })
  }],
  ['values that JSON cannot express arrive as well, both ways and in events', async nodes => {
    const [host, consumer] = await nodes.pair()
    const shared = { at: new Date(0) }
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const value = [shared, shared, new Map([[1n, new Set([NaN])]]), Buffer.from('ü'), { none: undefined }, -0, circle]
    echo(host)
    const result = await valueOf(consumer.send('host', { data: value }))
    assert.deepStrictEqual(result, value)
    assert.ok(Array.isArray(result) && result[0] === result[1])
    assert.deepStrictEqual(host.calls[0].request.data, value)
    host.answer = call => call.reply(null, undefined)
    assert.equal(await valueOf(consumer.send('host')), undefined)
    consumer.transport.subscribe('todos')
    await until('an event', () => {
      host.transport.publish({ ...created(0), args: [value, 'more'] })
      return consumer.events.length > 0
    })
    assert.deepStrictEqual(consumer.events[0].args, [value, 'more'])
  }],
  ['a reply never comes while its request is being sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, 'at once')
    const sent = consumer.send('host')
    assert.deepEqual(sent.told, [])
    await outcome(sent)
  }],
  ['replies find their requests in whatever order they come', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = Array.from({ length: 20 }, (_, n) => consumer.send('host', { data: n }))
    await until('all requests', () => host.calls.length === 20)
    for (const call of [...host.calls].reverse()) call.reply(null, call.request.data)
    assert.deepEqual(await Promise.all(sent.map(valueOf)), Array.from({ length: 20 }, (_, n) => n))
  }],
  ['a request to an unknown node fails as not sent, later', async nodes => {
    const consumer = await nodes.start('consumer')
    const sent = consumer.send('nobody')
    assert.deepEqual(sent.told, [])
    assert.equal((await failure(sent)).outcome, 'not-sent')
  }],
  ['a request that cannot be encoded throws where it is made, and its handler is never called', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, 'the next one')
    const data = [{ callback: () => {} }]
    assert.throws(() => consumer.send('host', { data }), { message: 'data[0].callback is a function' })
    assert.equal(await valueOf(consumer.send('host')), 'the next one')
    assert.equal(host.calls.length, 1)
  }]
]
