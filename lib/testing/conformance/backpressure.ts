import assert from 'node:assert/strict'
import {
  created, echo, failure, gaps, missed, numbers, outcome, reasons, subscribed, until, valueOf
} from '../conformance-nodes'
import type { Sent } from '../conformance-node'
import type { NamedTest } from './named-test'

/** One message of those that fill what a peer does not read. */
const LOAD = 'x'.repeat(64 * 1024)
/** As many as 48 MB: a transport that has refused nothing after that has no bound, or too high a one for this test. */
const MAX_LOADS = 768
const CROWD = 5_000

/** What becomes of messages that come faster than they are taken. */
export const backpressureTests: readonly NamedTest[] = [
  ['of a crowd of requests each is answered, or fails as not sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    echo(host)
    const sent = Array.from({ length: CROWD }, (_, n) => consumer.send('host', { data: n }))
    for (const [n, each] of sent.entries()) {
      const { error, value } = await outcome(each)
      if (error === null) assert.equal(value, n)
      else assert.equal((await failure(each)).outcome, 'not-sent')
    }
    assert.ok(sent.every(({ told }) => told.length === 1), 'each has one outcome')
    assert.equal(await valueOf(consumer.send('host', { data: 'afterwards' })), 'afterwards')
  }],
  ['a host that is slow to answer keeps nobody else waiting', async nodes => {
    const [host, consumer] = await nodes.pair()
    const fast = await nodes.start('fast')
    await until('the other host', () => consumer.peers.has('fast'))
    echo(fast)
    const slow = Array.from({ length: 100 }, (_, n) => consumer.send('host', { data: n }))
    assert.equal(await valueOf(consumer.send('fast', { data: 'at once' })), 'at once')
    assert.deepEqual(slow.flatMap(({ told }) => told), [])
    await until('all requests', () => host.calls.length === 100)
    for (const call of host.calls) call.reply(null, call.request.data)
    await Promise.all(slow.map(valueOf))
  }],
  ['a peer that reads nothing gets no requests beyond a bound: they fail as not sent', async nodes => {
    const [host, consumer] = await nodes.pair()
    const fast = await nodes.start('fast')
    await until('the other host', () => consumer.peers.has('fast'))
    echo(fast)
    // A short answer: a host that reads all of these at once must not come to the bound on its own replies.
    host.answer = call => call.reply(null, String(call.request.data).length)
    // A connection that is not there yet can't be deaf.
    assert.equal(await valueOf(consumer.send('host', { data: 'first' })), 5)
    const resume = await nodes.hook('deafen')('host')
    const sent: Sent[] = []
    await until('a request to be refused', () => {
      for (let n = 0; n < 8 && sent.length < MAX_LOADS; n++) sent.push(consumer.send('host', { data: LOAD }))
      return sent.some(({ told }) => told.length > 0)
    })
    const refused = sent.filter(({ told }) => told.length > 0)
    for (const each of refused) assert.equal((await failure(each)).outcome, 'not-sent')
    // What is sent to both may share a way, which is free again soon.
    const fromFast = async (): Promise<unknown> => (await outcome(consumer.send('fast', { data: 'meanwhile' }))).value
    await until('the other host', async () => await fromFast() === 'meanwhile')
    await resume()
    for (const each of sent) if (!refused.includes(each)) assert.equal(await valueOf(each), LOAD.length)
    assert.equal(await valueOf(consumer.send('host', { data: 'afterwards' })), 10)
  }, ['deafen']],
  ['a listener that reads nothing costs no memory beyond a bound: a gap tells it how many events it missed',
    async nodes => {
      const [host, slow] = await nodes.pair()
      const fast = await nodes.consumer(host, 'fast')
      for (const listener of [slow, fast]) await subscribed(host, listener)
      const resume = await nodes.hook('deafen')('consumer')
      let published = 0
      while (published < MAX_LOADS) {
        // In small bursts, so that who reads keeps up.
        for (const end = published + 16; published < end;) {
          host.transport.publish({ ...created(published++), args: [published - 1, LOAD] })
        }
        await until('the other listener', () => numbers(fast).length + missed(fast) === published)
      }
      await resume()
      // Or its connection was replaced, as one that is dead: a gap tells that as well, and nobody counts.
      const replaced = (): boolean => reasons(slow).includes('disconnected')
      await until('the rest', () => replaced() || numbers(slow).length + missed(slow) === published)
      assert.ok(replaced() || missed(slow) > 0, 'no event was dropped, so nothing has a bound')
      assert.deepEqual([numbers(fast).length, gaps(fast)], [published, []])
    }, ['deafen']]
]
