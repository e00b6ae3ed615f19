import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Conflict, FeathersError, NotFound } from '@feathersjs/errors'
import express, { errorHandler, json, rest } from '@feathersjs/express'
import { feathers } from '@feathersjs/feathers'
import socketio from '@feathersjs/socketio'
import { Distributed, DistributedMethod, type RemoteService } from 'feathers-mesh'
import { io } from 'socket.io-client'
import { memoryMesh } from '../../memory-mesh'
import { rejection } from '../../until'

class PaymentFailed extends Error {
  constructor (readonly amount: bigint, options?: ErrorOptions) {
    super(`no ${amount} euros`, options)
    this.name = 'PaymentFailed'
  }
}

class Nameless extends RangeError {}

class OutOfStock extends Conflict {
  constructor (article: string) {
    super(`no ${article}`, { article })
    this.name = 'OutOfStock'
  }
}

/** What `fail` throws next. */
let thrown: unknown

@Distributed('failures')
class FailingService {
  @DistributedMethod()
  async fail (): Promise<never> {
    throw thrown
  }
}

const mesh = memoryMesh()

interface RemoteError extends Error {
  readonly remoteStack?: string
}

/** What a caller on another node gets when the service throws. */
async function received<E extends Error = RemoteError> (value: unknown, options = {}): Promise<E> {
  await mesh.start({ services: [FailingService] })
  const consumer = await mesh.start({ remotes: ['failures'], ...options })
  thrown = value
  const failures: RemoteService<FailingService> = consumer.remote(FailingService)
  return await rejection<E>(failures.fail())
}

describe('a value that a service throws', () => {
  it.each<[string, Error]>([
    ['TypeError', new TypeError('wrong')], ['RangeError', new RangeError('far')], ['SyntaxError', new SyntaxError('{')],
    ['URIError', new URIError('%')], ['EvalError', new EvalError('eval')], ['ReferenceError', new ReferenceError('x')]
  ])('arrives as the same class when it is a %s', async (name, error) => {
    const arrived = await received(error)
    expect(arrived).toBeInstanceOf(error.constructor)
    expect(arrived.constructor).toBe(error.constructor)
    expect([arrived.name, arrived.message]).toEqual([name, error.message])
  })

  it('arrives as a Feathers error with code, data and errors of any type', async () => {
    const arrived = await received<NotFound>(new NotFound('none', { since: new Date(0), errors: [{ id: 7n }] }))
    expect(arrived).toBeInstanceOf(NotFound)
    expect(arrived.toJSON()).toEqual({
      name: 'NotFound', message: 'none', code: 404, className: 'not-found',
      data: { since: new Date(0) }, errors: [{ id: 7n }]
    })
  })

  it('arrives as its Feathers base class when it is a subclass', async () => {
    const arrived = await received<Conflict>(new OutOfStock('tea'))
    expect(arrived).toBeInstanceOf(Conflict)
    expect(arrived).toMatchObject({
      name: 'OutOfStock', message: 'no tea', code: 409, className: 'conflict', data: { article: 'tea' }
    })
    const bare = await received<FeathersError>(new FeathersError('no coffee', 'Teapot', 418, 'teapot', { pot: 1 }))
    expect(bare).toBeInstanceOf(FeathersError)
    expect(bare.toJSON()).toMatchObject({ name: 'Teapot', code: 418, className: 'teapot', data: { pot: 1 } })
  })

  it('arrives with its name and fields when its class is unknown to the caller', async () => {
    const arrived = await received<PaymentFailed>(new PaymentFailed(12n))
    expect(arrived).not.toBeInstanceOf(PaymentFailed)
    expect([arrived.name, arrived.message, arrived.amount]).toEqual(['PaymentFailed', 'no 12 euros', 12n])
    const nameless = await received(new Nameless('far'))
    expect(nameless).toBeInstanceOf(RangeError)
    expect(nameless.name).toBe('Nameless')
  })

  it('arrives as an instance of its own class when the caller lists it in the option `errors`', async () => {
    const arrived = await received<PaymentFailed>(new PaymentFailed(12n), { errors: [PaymentFailed] })
    expect(arrived).toBeInstanceOf(PaymentFailed)
    expect([arrived.name, arrived.amount]).toEqual(['PaymentFailed', 12n])
  })

  it('arrives with its chain of causes', async () => {
    const cause = new TypeError('inner', { cause: { code: 7n } })
    const arrived = await received(new PaymentFailed(1n, { cause }))
    expect(arrived.cause).toBeInstanceOf(TypeError)
    expect(arrived.cause).toMatchObject({ message: 'inner', cause: { code: 7n } })
    expect(Object.keys(arrived)).not.toContain('cause')
  })

  it('arrives with its inner errors when it is an AggregateError', async () => {
    const arrived = await received<AggregateError>(new AggregateError([new NotFound('a'), 'b'], 'both'))
    expect(arrived).toBeInstanceOf(AggregateError)
    expect(arrived.errors[0]).toBeInstanceOf(NotFound)
    expect(arrived.errors[1]).toBe('b')
  })

  it('arrives with the code, errno and syscall of the system', async () => {
    const error = Object.assign(new Error('no file'), { code: 'ENOENT', errno: -2, syscall: 'open' })
    expect(await received(error)).toMatchObject({ name: 'Error', code: 'ENOENT', errno: -2, syscall: 'open' })
    const aborted = await received(new DOMException('given up', 'AbortError'))
    expect(aborted).toBeInstanceOf(DOMException)
    expect(aborted.name).toBe('AbortError')
  })

  it.each<[unknown]>([['a text'], [7], [false], [{ reason: new Map([[1, 2]]) }], [[1n]]])(
    'arrives unchanged when it is not an error but %p', async value => {
      expect(await received(value)).toEqual(value)
    }
  )

  it('arrives with the stack of the host in remoteStack, which is not an own property', async () => {
    const arrived = await received(new TypeError('wrong', { cause: new Error('inner') }))
    expect(arrived.remoteStack).toMatch(/^TypeError: wrong\n.*at/)
    expect((arrived.cause as RemoteError).remoteStack).toMatch(/^Error: inner\n/)
    expect(Object.getOwnPropertyNames(arrived)).not.toContain('remoteStack')
  })

  it('arrives without the stack of the host in production', async () => {
    const { NODE_ENV } = process.env
    process.env.NODE_ENV = 'production'
    try {
      expect((await received(new TypeError('wrong'))).remoteStack).toBeUndefined()
    } finally {
      process.env.NODE_ENV = NODE_ENV
    }
  })
})

describe('a client of a gateway', () => {
  it.each<[string, () => Error]>([
    ['TypeError', () => new TypeError('wrong', { cause: new Error('inner') })],
    ['Conflict', () => new Conflict('twice')],
    ['AggregateError', () => new AggregateError([new TypeError('inner')], 'many')]
  ])('never receives the stack of the host with a %s', async (_name, make) => {
    await mesh.start({ services: [FailingService] })
    const app = express(feathers())
    app.use(json())
    app.configure(rest())
    app.configure(socketio())
    const gateway = mesh.node({ app, remotes: ['failures'] })
    app.use(errorHandler({ logger: false as never }))
    const server: Server = await app.listen(0, '127.0.0.1')
    if (!server.listening) await once(server, 'listening')
    await gateway.start()
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const socket = io(url, { transports: ['websocket'] })
    try {
      const makeOnTheHost = (): Error => make()
      thrown = makeOnTheHost()
      expect((thrown as Error).stack).toContain('makeOnTheHost')
      const headers = { 'content-type': 'application/json', 'x-service-method': 'fail', accept: 'application/json' }
      const response = await fetch(`${url}/failures`, { method: 'POST', headers, body: '{}' })
      const overRest = await response.text()
      const overSocket = await new Promise(resolve => { socket.emit('fail', 'failures', {}, {}, resolve) })
      expect(overRest).toContain((thrown as Error).message)
      expect(overSocket).toMatchObject({ message: (thrown as Error).message })
      for (const answer of [overRest, JSON.stringify(overSocket)]) {
        expect(answer).not.toContain('remoteStack')
        expect(answer).not.toContain('makeOnTheHost')
      }
    } finally {
      socket.disconnect()
      await app.teardown()
    }
  })
})
