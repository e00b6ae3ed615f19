import { BadRequest, Conflict, FeathersError, GeneralError, NotFound, Unavailable } from '@feathersjs/errors'
import { RequestRefused, TransportError } from 'feathers-mesh/transport'
import { fromWireError, readRefusal, refusalReason, toWireErrorText } from '../../../lib/transport/messages/error'

/** The plain form of an error, as it arrives. */
const toWireError = (thrown: unknown): object => JSON.parse(toWireErrorText(thrown, Infinity))

/** An error as it arrives on the other side. */
const carried = (thrown: unknown): Error & Record<string, unknown> =>
  fromWireError(toWireError(thrown)) as Error & Record<string, unknown>

describe('an error on the wire', () => {
  it.each([
    [new BadRequest('bad', { hint: 'h', errors: { title: 'missing' } })],
    [new NotFound('none')],
    [new Conflict('twice', { id: 7 })],
    [new Unavailable('away', { path: 'todos', outcome: 'unknown' })],
    [new GeneralError('general')]
  ])('arrives in its Feathers class with all fields, like %s', error => {
    const arrived = carried(error)
    expect(arrived).toBeInstanceOf(error.constructor)
    expect(arrived).toMatchObject({
      name: error.name, message: error.message, code: error.code, className: error.className
    })
    expect(arrived.data).toEqual(error.data)
    expect(arrived.errors).toEqual(error.errors)
  })

  it('arrives as a FeathersError when its class is custom', () => {
    const arrived = carried(new FeathersError('no coffee', 'Teapot', 418, 'teapot', { pot: 1 }))
    expect(arrived).toBeInstanceOf(FeathersError)
    expect(arrived).toMatchObject({
      name: 'Teapot', message: 'no coffee', code: 418, className: 'teapot', data: { pot: 1 }
    })
  })

  it('arrives in its own class when it comes from another copy of Feathers', () => {
    const foreign = Object.assign(
      new Error('none'), { type: 'FeathersError', name: 'NotFound', code: 404, className: 'not-found', data: { id: 1 } }
    )
    expect(carried(foreign)).toMatchObject({ name: 'NotFound', code: 404, data: { id: 1 } })
    expect(carried(foreign)).toBeInstanceOf(NotFound)
  })

  it('arrives with name, message and code when it is not a Feathers error', () => {
    expect(carried(new TypeError('wrong type'))).toMatchObject({ name: 'TypeError', message: 'wrong type' })
    expect(carried(Object.assign(new Error('no file'), { code: 'ENOENT' }))).toMatchObject({
      name: 'Error', message: 'no file', code: 'ENOENT'
    })
    expect(carried(new Error('plain'))).not.toHaveProperty('code')
    expect(carried(new Error(''))).toMatchObject({ message: '' })
  })

  it('arrives without the stack of the other side', () => {
    expect(JSON.stringify(toWireError(new Error('x')))).not.toContain('.test.')
    expect(JSON.stringify(toWireError(new BadRequest('x')))).not.toContain('.test.')
  })

  it('arrives without details whose JSON would be endless, whatever their name', () => {
    let graph: unknown = {}
    for (let level = 0; level < 40; level++) graph = { first: graph, second: graph }
    expect(carried(new BadRequest('bad', { graph }))).toMatchObject({ name: 'BadRequest', message: 'bad', code: 400 })
    expect(toWireError(new BadRequest('bad', { graph }))).not.toHaveProperty('data')
    const odd = Object.assign(new BadRequest('bad'), { name: graph, message: graph, className: graph, code: graph })
    expect(JSON.parse(toWireErrorText(odd, 1_000))).toEqual({ name: 'Error', message: 'an error without a message' })
  })

  it.each<[unknown, string]>([
    ['text', 'text'], [7, 'a value that is no error was thrown: 7'],
    [undefined, 'a value that is no error was thrown: undefined'],
    [null, 'a value that is no error was thrown: [object Null]'],
    [{ a: 1 }, 'a value that is no error was thrown: [object Object]'],
    [Object.create(null), 'a value that is no error was thrown: [object Object]'],
    [Symbol('s'), 'a value that is no error was thrown: Symbol(s)']
  ])('arrives as an Error with a message when %p was thrown', (thrown, message) => {
    expect(carried(thrown)).toMatchObject({ name: 'Error', message })
  })

  it('arrives without details that JSON cannot hold', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    expect(carried(new BadRequest('round', circular))).toMatchObject({
      name: 'BadRequest', message: 'round', code: 400
    })
    expect(carried(new BadRequest('big', { errors: [1n] }))).toMatchObject({
      name: 'BadRequest', message: 'big', code: 400
    })
    expect(carried(Object.assign(new Error('big code'), { code: 1n }))).toMatchObject({
      name: 'Error', message: 'big code'
    })
  })
})

describe('an error received from a peer', () => {
  it.each<[unknown, object]>([
    ['text', { name: 'GeneralError', message: 'text' }],
    [{}, { message: 'the remote service failed without saying why' }],
    [[], { message: 'the remote service failed without saying why' }],
    [7, { message: 'the remote service failed without saying why' }],
    [{ code: 400 }, { name: 'Error', code: 400 }],
    [{ name: 7, message: {} }, { name: 'Error', message: 'the remote service failed without saying why' }],
    [{ name: 'NotFound', message: 'none', data: 'text' }, { name: 'NotFound', message: 'none' }],
    [{ name: 'FeathersError', message: 'm' }, { message: 'm' }],
    [{ name: 'constructor', message: 'm' }, { name: 'constructor', message: 'm' }],
    [{ name: '__proto__', message: 'm' }, { message: 'm' }],
    [
      { name: 'Teapot', className: 'teapot', code: 'many', message: 'm' },
      { name: 'Teapot', code: 'many', message: 'm' }
    ]
  ])('becomes an Error in any case, even from %j', (wire, expected) => {
    const error = fromWireError(wire)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject(expected)
  })
})

describe('a rejected request', () => {
  it('can be told from an error of the service, and old peers read it as an error', () => {
    const refused = new RequestRefused(new NotFound('todos.find() is not offered by this node', { path: 'todos' }))
    expect(refused).toBeInstanceOf(TransportError)
    expect(refused.outcome).toBe('not-sent')
    expect(refusalReason(toWireError(refused))).toBe('notHosted')
    expect(refusalReason(toWireError(refused.error))).toBeUndefined()
    expect(carried(refused)).toMatchObject({ name: 'NotFound', code: 404, data: { path: 'todos' } })
  })

  it.each([
    ['busy', { code: 'MESH_OVERLOADED' }], ['late', { code: 'MESH_TIMEOUT' }],
    ['notHosted', { code: 'MESH_NOT_HOSTED' }], ['notHosted', undefined]
  ])('is %s for the data %j of a node that tells no reason', (reason, data) => {
    expect(refusalReason({ refused: true, data })).toBe(reason)
  })

  it.each([
    ['busy', 'TooManyRequests'], ['late', 'Timeout'], ['notHosted', 'NotFound'], ['notHosted', 'constructor'],
    ['notHosted', { toString: 1 }]
  ])('is %s for the class %j of a node of 0.1', (reason, name) => {
    expect(refusalReason({ refused: true, name, data: { outcome: 'not-sent' } })).toBe(reason)
    expect(refusalReason({ refused: true, data: { code: name } })).toBe('notHosted')
  })

  it('tells the clock of the node where it is for its time, and nothing else tells one', () => {
    const wireOf = (reason: 'late' | 'busy'): object => toWireError(new RequestRefused(new Error('no'), reason))
    expect(wireOf('late')).toMatchObject({ refused: true, reason: 'late', now: expect.any(Number) })
    expect(wireOf('busy')).not.toHaveProperty('now')
    expect(readRefusal({ refused: true, reason: 'late', now: 5 }, new Error('no'))).toMatchObject({ now: 5 })
    expect(readRefusal({ refused: true, reason: 'late', now: 'soon' }, new Error('no'))?.now).toBeUndefined()
  })

  it.each<[unknown]>([
    [null], [undefined], ['refused'], [{ refused: 'yes' }], [{ refused: 1 }], [[]]
  ])('is not recognized in %p', wire => {
    expect(refusalReason(wire)).toBeUndefined()
  })
})
