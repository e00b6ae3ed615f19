import assert from 'node:assert/strict'
import { created, failure, Nodes, outcome, TODOS, until, type MakeTransport } from './conformance-nodes'
import { replyTests, type NamedTest } from './reply-tests'

/** One thing that every transport does. */
export interface ConformanceTest {
  readonly name: string
  /** @throws when the transport does not do it */
  readonly run: (makeTransport: MakeTransport) => Promise<void>
}

/** Milliseconds that a node has to leave. */
const DRAIN = 5_000

const tests: NamedTest[] = [
  ...replyTests,
  ['nodes meet whoever starts first, with their contracts', async nodes => {
    const first = await nodes.start('first', [TODOS])
    const second = await nodes.start('second', [])
    await until('each to know the other', () => first.peers.has('second') && second.peers.has('first'))
    assert.deepEqual(second.peers.get('first'), { id: 'first', key: 'default', contracts: [TODOS] })
    assert.deepEqual(first.peers.get('second')?.contracts, [])
  }],
  ['nodes hear of contracts that change', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.offered = [TODOS, { ...TODOS, path: 'users' }]
    host.transport.announce()
    await until('the other service', () => consumer.peers.get('host')?.contracts.length === 2)
    host.offered = []
    host.transport.announce()
    await until('no service', () => consumer.peers.get('host')?.contracts.length === 0)
    assert.deepEqual(consumer.departures, [])
  }],
  ['a request arrives as it was sent, and its reply as well', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, { n: 1, list: ['ü', null] })
    const request = { method: 'create', id: 7, data: { a: ['🎉'] }, params: { query: { b: true } } }
    assert.deepEqual((await outcome(consumer.send('host', request))).value, { n: 1, list: ['ü', null] })
    assert.deepEqual({ ...host.calls[0].request }, { key: 'default', path: 'todos', deadline: undefined, ...request })
  }],
  ['what JSON has no words for arrives as well, both ways and in events', async nodes => {
    const [host, consumer] = await nodes.pair()
    const shared = { at: new Date(0) }
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const value = [shared, shared, new Map([[1n, new Set([NaN])]]), Buffer.from('ü'), { none: undefined }, -0, circle]
    host.answer = call => call.reply(null, call.request.data)
    const { value: result } = await outcome(consumer.send('host', { data: value }))
    assert.deepStrictEqual(result, value)
    assert.equal((result as unknown[])[0], (result as unknown[])[1])
    assert.deepStrictEqual(host.calls[0].request.data, value)
    host.answer = call => call.reply(null, undefined)
    assert.equal((await outcome(consumer.send('host'))).value, undefined)
    consumer.transport.subscribe('todos')
    await until('an event', () => {
      host.transport.publish({ ...created(0), args: [value, 'more'] })
      return consumer.events.length > 0
    })
    assert.deepStrictEqual(consumer.events[0].args, [value, 'more'])
  }],
  ['a reply never comes while the request is being sent', async nodes => {
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
    const values = await Promise.all(sent.map(async each => (await outcome(each)).value))
    assert.deepEqual(values, Array.from({ length: 20 }, (_, n) => n))
  }],
  ['a request to a node that nobody knows fails as not sent, later', async nodes => {
    const consumer = await nodes.start('consumer')
    const sent = consumer.send('nobody')
    assert.deepEqual(sent.told, [])
    assert.equal((await failure(sent)).outcome, 'not-sent')
  }],
  ['a request that cannot be encoded is refused where it is made, and its handler hears nothing', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, 'behind it')
    const data = [{ callback: () => {} }]
    assert.throws(() => consumer.send('host', { data }), { message: 'data[0].callback is a function' })
    assert.equal((await outcome(consumer.send('host'))).value, 'behind it')
    assert.equal(host.calls.length, 1)
  }],
  ['a request that is given up tells the other side, and its handler hears nothing more', async nodes => {
    const [host, consumer] = await nodes.pair()
    const [given, kept] = [consumer.send('host', { data: 'given up' }), consumer.send('host', { data: 'kept' })]
    await until('both requests', () => host.calls.length === 2)
    const cancelled: unknown[] = []
    for (const call of host.calls) call.onCancel = () => cancelled.push(call.request.data)
    consumer.transport.cancel('host', given.id)
    await until('the cancel', () => cancelled.length > 0)
    for (const call of host.calls) call.reply(null, 'done')
    assert.equal((await outcome(kept)).value, 'done')
    assert.deepEqual([cancelled, given.told], [['given up'], []])
  }],
  ['a reply for which nobody waits any more is dropped and counted', async nodes => {
    const [host, consumer] = await nodes.pair()
    const late = consumer.send('host', { data: 'late' })
    const call = await until('the request', () => host.calls[0])
    consumer.transport.cancel('host', late.id)
    call.reply(null, 'too late')
    await until('the reply to be counted', () => consumer.lateReplies === 1)
    assert.deepEqual(late.told, [])
    host.answer = call => call.reply(null, 'in time')
    assert.equal((await outcome(consumer.send('host'))).value, 'in time')
    assert.equal(consumer.lateReplies, 1)
  }],
  ['an event goes to those who listen to its path, in order, and to nobody else', async nodes => {
    const [host, listener] = await nodes.pair()
    const deaf = await nodes.start('deaf')
    listener.transport.subscribe('todos')
    await until('an event', () => {
      host.transport.publish(created(-1))
      return listener.events.length > 0
    })
    for (let n = 0; n < 100; n++) {
      host.transport.publish(created(n))
      host.transport.publish(created(n, 'users'))
    }
    await until('the last event', () => listener.events.at(-1)?.args[0] === 99)
    const order = listener.events.map(({ args: [n] }) => n as number).filter(n => n >= 0)
    assert.deepEqual(order, Array.from({ length: 100 }, (_, n) => n))
    assert.deepEqual(listener.events.at(-1), created(99))
    assert.deepEqual([deaf.events, host.events], [[], []])
  }],
  ['an event goes to those listeners only that its host lets hear it, and the host knows who listens', async nodes => {
    const [host, allowed] = await nodes.pair()
    const other = await nodes.start('other')
    host.audiences.set('created', peer => peer.node === 'consumer')
    const listeners = [allowed, other]
    for (const { transport } of listeners) transport.subscribe('todos')
    await until('both to hear what is for all', () => {
      host.transport.publish(created(1))
      host.transport.publish({ ...created(2), event: 'removed' })
      return listeners.every(({ events }) => events.some(({ event }) => event === 'removed'))
    })
    assert.ok(allowed.events.some(({ event }) => event === 'created'))
    assert.deepEqual(other.events.filter(({ event }) => event === 'created'), [])
    const told = host.listeners.map(([{ node, key }, path]) => [node, key, path])
    assert.deepEqual(told.sort(), [['consumer', 'default', 'todos'], ['other', 'default', 'todos']])
  }],
  ['events end when nobody listens any more', async nodes => {
    const [host, listener] = await nodes.pair()
    host.answer = call => call.reply(null)
    listener.transport.subscribe('todos')
    await until('an event', () => {
      host.transport.publish(created(1))
      return listener.events.length > 0
    })
    listener.transport.unsubscribe('todos')
    await until('no event', async () => {
      const before = listener.events.length
      host.transport.publish(created(2))
      // Answered behind the event, if there was one.
      await outcome(listener.send('host'))
      return listener.events.length === before
    })
  }],
  ['a node that leaves says goodbye', async nodes => {
    const [host, consumer] = await nodes.pair()
    await host.transport.stop(DRAIN)
    await until('it to be gone', () => !consumer.peers.has('host'))
    assert.deepEqual(consumer.departures, [['host', 'goodbye']])
    assert.equal((await failure(consumer.send('host'))).outcome, 'not-sent')
  }],
  ['a node that leaves answers first what it has, and others stop choosing it at once', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = consumer.send('host')
    const call = await until('the request', () => host.calls[0])
    const stopped = host.transport.stop(DRAIN)
    await until('the goodbye', () => !consumer.peers.has('host'))
    assert.deepEqual(sent.told, [])
    call.reply(null, 'the last one')
    assert.equal((await outcome(sent)).value, 'the last one')
    await stopped
  }],
  ['a node that leaves waits for replies to its own requests', async nodes => {
    const [host, consumer] = await nodes.pair()
    const sent = consumer.send('host')
    const call = await until('the request', () => host.calls[0])
    const stopped = consumer.transport.stop(DRAIN)
    call.reply(null, 'in time')
    await stopped
    assert.equal((await outcome(sent)).value, 'in time')
  }],
  ['a node that must leave fails what is still under way, with an unknown outcome', async nodes => {
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
    const next = await nodes.start('next')
    host.answer = call => call.reply(null, 'well')
    await until('the host', () => next.peers.has('host'))
    assert.equal((await outcome(next.send('host'))).value, 'well')
  }]
]

/** What every transport does, as tests for any framework: each throws on failure. */
export const transportConformance: readonly ConformanceTest[] = tests.map(([name, test]) => ({
  name,
  async run (makeTransport) {
    const nodes = new Nodes(makeTransport)
    try {
      await test(nodes)
    } finally {
      await nodes.stop()
    }
  }
}))
