import assert from 'node:assert/strict'
import { meshNow } from '../../clock'
import { echo, until, valueOf, type Nodes } from '../conformance-nodes'
import type { ConformanceNode } from '../conformance-node'
import type { NamedTest } from './named-test'

const MINUTE_MS = 60_000

interface Pair {
  readonly host: ConformanceNode
  readonly consumer: ConformanceNode
  /** What a node can't tell of the clock of another: no more than the time that it took them to meet. */
  readonly doubt: number
}

async function echoPair (nodes: Nodes): Promise<Pair> {
  const before = performance.now()
  const [host, consumer] = await nodes.pair()
  echo(host)
  // Clocks count in milliseconds, and two of them may round differently.
  return { host, consumer, doubt: performance.now() - before + 5 }
}

/** How the time that a caller waits reaches the host. */
export const deadlineTests: readonly NamedTest[] = [
  ['a deadline arrives in the clock of the host: as much time is left as the caller has', async nodes => {
    const { host, consumer, doubt } = await echoPair(nodes)
    for (const left of [MINUTE_MS, 60 * MINUTE_MS]) {
      const sentAt = meshNow()
      let arrived = NaN
      host.answer = call => {
        arrived = Number(call.request.deadline) - meshNow()
        call.reply(null)
      }
      await valueOf(consumer.send('host', { deadline: sentAt + left }))
      const onItsWay = meshNow() - sentAt
      assert.ok(arrived <= left + doubt, `${arrived} ms were left of ${left}`)
      assert.ok(arrived >= left - onItsWay - doubt, `${arrived} ms were left of ${left}, after ${onItsWay}`)
    }
  }],
  ['a request without a deadline arrives without one', async nodes => {
    const { host, consumer } = await echoPair(nodes)
    await valueOf(consumer.send('host', { data: 1 }))
    await valueOf(consumer.send('host', { data: new Map([[1, 2]]) }))
    assert.deepEqual(host.calls.map(({ request }) => request.deadline), [undefined, undefined])
  }],
  ['each request has its own deadline, whatever its values are', async nodes => {
    const { host, consumer, doubt } = await echoPair(nodes)
    const now = meshNow()
    const data = [1, new Set([1]), undefined, { list: [null, new Date(0)] }]
    const sent = data.map((each, n) => consumer.send('host', { data: each, deadline: now + (n + 1) * 60 * MINUTE_MS }))
    await Promise.all(sent.map(valueOf))
    assert.deepStrictEqual(host.calls.map(({ request }) => request.data), data)
    for (const [n, { request: { deadline } }] of host.calls.entries()) {
      assert.ok(Math.abs(Number(deadline) - now - (n + 1) * 60 * MINUTE_MS) <= doubt, `deadline ${n} is ${deadline}`)
    }
  }],
  ['a deadline that has passed arrives as one that has passed, and the host decides', async nodes => {
    const { host, consumer, doubt } = await echoPair(nodes)
    assert.equal(await valueOf(consumer.send('host', { data: 1, deadline: meshNow() - MINUTE_MS - doubt })), 1)
    assert.ok(Number(host.calls[0].request.deadline) < meshNow())
  }],
  ['a request outlives its deadline until its caller cancels it', async nodes => {
    const { host, consumer } = await echoPair(nodes)
    host.answer = undefined
    const deadline = meshNow() + 20
    const sent = consumer.send('host', { deadline })
    const call = await until('the request', () => host.calls[0])
    await until('the deadline to pass', () => meshNow() > deadline)
    assert.deepEqual(sent.told, [])
    call.reply(null, 'late, and still wanted')
    assert.equal(await valueOf(sent), 'late, and still wanted')
  }]
]
