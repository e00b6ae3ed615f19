import assert from 'node:assert/strict'
import { RequestRefused } from '../../transport/transport'
import { echo, outcome, until, valueOf, type Nodes, TODOS } from '../conformance-nodes'
import type { ConformanceNode } from '../conformance-node'
import type { NamedTest } from './named-test'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** A host whose clock differs from that of its consumer. */
async function skewedPair (nodes: Nodes, ahead: number): Promise<readonly [ConformanceNode, ConformanceNode]> {
  const host = await nodes.start('host', [TODOS], ahead)
  echo(host)
  return [host, await nodes.consumer(host)]
}

/** How much time a request has left on its host, and with its caller: the first is never more. */
function assertNotLooser (host: ConformanceNode, consumer: ConformanceNode, deadline: number): void {
  const { request } = host.calls[host.calls.length - 1]
  const [there, here] = [Number(request.deadline) - host.now(), deadline - consumer.now()]
  // The clocks are read one after the other.
  assert.ok(there <= here + 5, `${there} ms are left on the host, and ${here} ms with the caller`)
}

/** How clocks that differ, and machines that were suspended, are borne. */
export const clockTests: readonly NamedTest[] = [
  ...[HOUR_MS, -HOUR_MS, 3_000, -3_000].map((ahead): NamedTest => [
    `a deadline arrives in the clock of a host that is ${ahead} ms ahead`, async nodes => {
      const [host, consumer] = await skewedPair(nodes, ahead)
      const deadline = consumer.now() + MINUTE_MS
      await valueOf(consumer.send('host', { deadline }))
      assertNotLooser(host, consumer, deadline)
      const left = Number(host.calls[0].request.deadline) - host.now()
      assert.ok(left > MINUTE_MS / 2, `${left} ms are left`)
    }
  ]),
  ['a host whose clock stood still gets no request with more time than its caller has', async nodes => {
    const [host, consumer] = await skewedPair(nodes, 0)
    await valueOf(consumer.send('host', { deadline: consumer.now() + MINUTE_MS }))
    host.ahead -= 2 * MINUTE_MS
    const deadline = consumer.now() + MINUTE_MS
    for (const last of [false, true]) {
      const before = host.calls.length
      const { error } = await outcome(consumer.send('host', { deadline }))
      if (error === null) assertNotLooser(host, consumer, deadline)
      else {
        assert.ok(!last && error instanceof RequestRefused, `it ended with ${String(error)}`)
        assert.deepEqual([error.outcome, error.reason, host.calls.length], ['not-sent', 'late', before])
      }
    }
  }],
  ['a host that refuses a request for its time tells its clock, and the next deadline is by that', async nodes => {
    const [host, consumer] = await skewedPair(nodes, 0)
    host.answer = call => call.reply(new RequestRefused(new Error('too late'), 'late', host.now() - HOUR_MS))
    const sent = consumer.send('host', { deadline: consumer.now() + MINUTE_MS })
    const { error } = await outcome(sent)
    assert.ok(error instanceof RequestRefused, String(error))
    assert.deepEqual([error.outcome, error.reason], ['not-sent', 'late'])
    echo(host)
    await until('a request to run', async () => {
      const { error } = await outcome(consumer.send('host', { deadline: consumer.now() + MINUTE_MS }))
      return error === null
    })
    assertNotLooser(host, consumer, consumer.now() + MINUTE_MS)
  }]
]
