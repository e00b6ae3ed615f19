import { EventEmitter, once } from 'node:events'
import fc from 'fast-check'
import { CoteTransport, MemoryNetwork, type Transport } from 'feathers-mesh'
import type { EventMessage } from 'feathers-mesh/transport'
import { ConformanceNode } from '../../lib/testing/conformance-node'
import { TODOS } from '../../lib/testing/conformance-nodes'
import { until } from '../until'
import { anyValue } from './values/any-value'
import { assertSame } from './values/same-value'

/** The number of values sent each way, and the number in each message. */
const VALUES = 2_000
const AT_ONCE = 50

const environment = `round-trip-${process.pid}`
const network = new MemoryNetwork()

class Listener extends ConformanceNode {
  readonly heard = new EventEmitter<{ event: [EventMessage] }>()

  override receive (message: EventMessage): void {
    super.receive(message)
    this.heard.emit('event', message)
  }
}

describe.each<[string, () => Transport]>([
  ['cote', () => new CoteTransport({ environment })],
  ['memory', () => network.transport()]
])('a value sent over %s', (_name, makeTransport) => {
  const host = new ConformanceNode('host', makeTransport())
  const caller = new Listener('caller', makeTransport())

  const publish = (args: readonly unknown[]): void => {
    host.transport.publish({ path: 'todos', key: 'default', event: 'created', args })
  }

  beforeAll(async () => {
    host.offered = [TODOS]
    await Promise.all([host.transport.start(host), caller.transport.start(caller)])
    await until('the host', () => caller.peers.has('host'))
    caller.transport.subscribe('todos')
    await until('an event', () => {
      publish(['first'])
      return caller.events.length > 0
    })
  })
  afterAll(async () => { await Promise.all([host.transport.stop(0), caller.transport.stop(0)]) })

  /** Sends data that the host answers automatically. */
  async function call (data: unknown): Promise<{ error: unknown, value: unknown }> {
    return await new Promise((resolve, reject) => {
      const request = { method: 'create', key: 'default', path: 'todos', data }
      caller.transport.request('host', request, {
        settle: (error, value) => resolve({ error, value }), fail: reject
      })
    })
  }

  const values = fc.array(anyValue, { minLength: AT_ONCE, maxLength: AT_ONCE })
  const parameters = { numRuns: VALUES / AT_ONCE, endOnFailure: true }

  it('arrives unchanged as an argument', async () => {
    await fc.assert(fc.asyncProperty(values, async sent => {
      let received: unknown
      host.answer = call => {
        received = call.request.data
        call.reply(null)
      }
      await call(sent)
      assertSame(received, sent)
    }), parameters)
  }, 120_000)

  it('arrives unchanged as a result', async () => {
    await fc.assert(fc.asyncProperty(values, async sent => {
      host.answer = call => call.reply(null, sent)
      const { error, value } = await call(0)
      assertSame([error, value], [null, sent])
    }), parameters)
  }, 120_000)

  it('arrives unchanged with an event', async () => {
    await fc.assert(fc.asyncProperty(values, async sent => {
      const heard = once(caller.heard, 'event') as Promise<[EventMessage]>
      publish(sent)
      assertSame((await heard)[0].args, sent)
    }), parameters)
  }, 120_000)

  it('arrives unchanged when it is the only value, in both directions', async () => {
    await fc.assert(fc.asyncProperty(anyValue, async sent => {
      host.answer = call => call.reply(null, call.request.data)
      const { error, value } = await call(sent)
      assertSame([error, value], [null, sent])
    }), { numRuns: 500, endOnFailure: true })
  }, 120_000)
})
