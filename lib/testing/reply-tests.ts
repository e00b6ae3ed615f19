import assert from 'node:assert/strict'
import { BadRequest } from '@feathersjs/errors'
import { RequestRefused } from '../transport/transport'
import { dispatchOf, setDispatch } from '../dispatch'
import { created, failure, outcome, until, type Nodes } from './conformance-nodes'

/** One thing that every transport does, and what it is called. */
export type NamedTest = readonly [name: string, run: (nodes: Nodes) => Promise<void>]

/** What becomes of errors, and of what is said beside a result. */
export const replyTests: readonly NamedTest[] = [
  ['what is thrown arrives as it was thrown', async nodes => {
    const [host, consumer] = await nodes.pair()
    const cause = new TypeError('wrong')
    host.answer = call => call.reply(new AggregateError([cause], 'many', { cause }))
    const { error } = await outcome(consumer.send('host'))
    assert.ok(error instanceof AggregateError && error.cause instanceof TypeError)
    assert.deepEqual([error.message, error.errors, error.cause.message], ['many', [error.cause], 'wrong'])
    for (const thrown of ['a text', 0, false, { reason: [7n] }]) {
      host.answer = call => call.reply(thrown)
      assert.deepStrictEqual((await outcome(consumer.send('host'))).error, thrown)
    }
  }],
  ['an error of the service arrives with its class and its data', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(new BadRequest('no', { hint: 'yes' }))
    const { error } = await outcome(consumer.send('host'))
    assert.ok(error instanceof BadRequest)
    assert.deepEqual([error.message, error.code, error.data], ['no', 400, { hint: 'yes' }])
  }],
  ['a refusal fails the request as not sent, so that it may go elsewhere', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(new RequestRefused(new BadRequest('not here')))
    const error = await failure(consumer.send('host'))
    assert.ok(error instanceof RequestRefused)
    assert.deepEqual([error.message, error.outcome], ['not here', 'not-sent'])
  }],
  ['what a host says beside a result or an error arrives beside it, and nothing where it says nothing', async nodes => {
    const [host, consumer] = await nodes.pair()
    const details = { dispatch: { id: 1, at: new Date(0) }, http: { status: 202, headers: { 'x-job': '1' } } }
    for (const value of [undefined, null, 'text', { id: 1, password: 'secret' }, [new Map([[1, 2n]])]]) {
      for (const said of [details, { http: details.http }, { dispatch: null }, undefined]) {
        host.answer = call => call.reply(null, value, said)
        const told = await outcome(consumer.send('host'))
        assert.deepStrictEqual([told.error, told.value, told.details], [null, value, said])
      }
    }
    host.answer = call => call.reply(new BadRequest('no'), undefined, details)
    const { error, details: said } = await outcome(consumer.send('host'))
    assert.ok(error instanceof BadRequest)
    assert.deepStrictEqual(said, details)
    host.answer = call => call.reply('a text', undefined, details)
    assert.deepStrictEqual(await outcome(consumer.send('host')), { error: 'a text', value: undefined, details })
  }],
  ['a result cannot be had without the dispatch that stands for it', async nodes => {
    const [host, consumer] = await nodes.pair()
    host.answer = call => call.reply(null, { password: 'secret' }, { dispatch: () => {} })
    const { error, value } = await outcome(consumer.send('host'))
    assert.match(String((error as Error).message), /the result can't be sent: dispatch is a function/)
    assert.equal(value, undefined)
  }],
  ['what outside clients get in the place of a value travels with it, both ways and in events', async nodes => {
    const [host, consumer] = await nodes.pair()
    const hidden = (): object => {
      const user = { id: 1, password: 'secret' }
      setDispatch(user, { id: 1 })
      return user
    }
    const isHidden = (value: unknown): void => assert.deepStrictEqual(dispatchOf((value as object[])[0]), { id: 1 })
    host.answer = call => {
      isHidden(call.request.data)
      call.reply(null, [hidden()])
    }
    isHidden((await outcome(consumer.send('host', { data: [hidden()] }))).value)
    consumer.transport.subscribe('todos')
    await until('an event', () => {
      host.transport.publish({ ...created(0), args: [[hidden()]] })
      return consumer.events.length > 0
    })
    isHidden(consumer.events[0].args[0])
  }]
]
