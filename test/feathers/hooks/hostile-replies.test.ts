import { BadRequest, NotFound } from '@feathersjs/errors'
import type { HookContext } from '@feathersjs/feathers'
import { PROCESS_LOG } from '../../../lib/log'
import { cleanHeaders } from '../../../lib/feathers/hooks/http-details'
import { errorForClient } from '../../../lib/feathers/showing/client-error'
import { LineLimit } from '../../../lib/line-limit'
import { gateways, type Clients } from '../gateways'

const world = gateways()

/** A gateway whose remote service does what a test says. */
async function clientsOf (kind: 'express' | 'koa', get: (context: HookContext) => void): Promise<Clients> {
  const { app } = await world.host({ users: { get: async () => ({ id: 1 }) } })
  app.service('users').hooks({ after: { all: [async context => { get(context as HookContext) }] } })
  return await world.clients(await world.join(world.bare(kind), 'forRoot', { remotes: ['users'] }))
}

describe.each(['express', 'koa'] as const)('a gateway with %s, whose host sets the details of an HTTP answer', kind => {
  it('passes on what an answer can have', async () => {
    const { rest } = await clientsOf(kind, context => {
      context.http = { status: 202, headers: { 'x-a': 'b', 'set-cookie': 'sid=1' } }
    })
    expect(await rest('users/1')).toEqual({ status: 202, body: { id: 1 } })
  })

  it.each<[string, object]>([
    ['framing headers', { headers: { 'transfer-encoding': 'chunked', 'Content-Length': '3' } }],
    ['the encoding of another body', { headers: { 'content-encoding': 'gzip' } }],
    ['headers of the connection', { headers: { connection: 'upgrade', upgrade: 'h2c', 'keep-alive': '1' } }],
    ['names that are none', { headers: { 'a b': 'c', 'x\r\ny': 'z', '': 'e', 'ü': 'f' } }],
    ['values that end the header', { headers: { 'x-a': 'b\r\nset-cookie: sid=1', 'x-c': '\u{1f600}', 'x-d': '\0' } }],
    ['values that are none', { headers: { 'x-a': null, 'x-b': { toString: 'x' }, 'x-c': [{}] } }],
    ['two types of content', { headers: { 'content-type': ['a', 'b'] } }],
    ['headers that are none', { headers: 'x-a: b' }],
    ['headers that are too long', { headers: { 'x-a': 'b'.repeat(100_000) } }],
    ['a status that is none', { status: '200 OK' }],
    ['a status out of range', { status: 99 }],
    ['an interim status', { status: 101 }],
    ['a status that is too high', { status: 1_000 }],
    ['a broken status', { status: 200.5 }],
    ['a location that is none', { location: { toString: 'x' } }]
  ])('answers whole without %s', async (_what, http) => {
    const { rest } = await clientsOf(kind, context => { context.http = http })
    expect(await rest('users/1')).toEqual({ status: 200, body: { id: 1 } })
  })

  it.each<[string, () => unknown, number]>([
    ['with code 200', () => Object.assign(new BadRequest('no'), { code: 200 }), 500],
    ['with code 204', () => Object.assign(new NotFound('no'), { code: 204 }), 500],
    ['with code 99', () => Object.assign(new BadRequest('no'), { code: 99 }), 500],
    ['with code 1000', () => Object.assign(new BadRequest('no'), { code: 1_000 }), 500],
    ['with a text for a code', () => Object.assign(new BadRequest('no'), { code: '200 OK' }), 500],
    ['with no code', () => Object.assign(new BadRequest('no'), { code: null }), 500],
    ['with an own toJSON', () => Object.assign(new BadRequest('no'), { toJSON: 'x' }), 400],
    ['with headers', () => Object.assign(new BadRequest('no'), { headers: { 'a b': '\r\n' }, status: 200 }), 400],
    ['with data that is no JSON', () => new BadRequest('no', { big: 10n }), 400],
    ['that only looks like one', () => Object.assign(new Error('no'), { type: 'FeathersError', code: 200 }), 500],
    ['that is no error', () => ({ type: 'FeathersError', toJSON: 1, code: 200, message: 'no' }), 500],
    ['that is a text', () => 'no', 500],
    ['that is a number', () => 7, 500]
  ])('answers an error %s as an error in JSON', async (_what, thrown, status) => {
    const { rest, socket } = await clientsOf(kind, () => { throw thrown() })
    const answer = await rest('users/1')
    expect(answer).toMatchObject({ status, body: { message: expect.any(String) as unknown } })
    await socket('get', 'users', 1)
  })

  it('answers an error as an error although the host sets a status of success', async () => {
    const { rest } = await clientsOf(kind, context => {
      context.http = { status: 200 }
      throw new BadRequest('no')
    })
    expect(await rest('users/1')).toMatchObject({ status: 400 })
  })
})

describe('the headers that a host may set', () => {
  it('are those of the answer, and not of the connection', () => {
    const kept = { 'Set-Cookie': ['a=1', 'b=2'], 'content-type': 'text/csv', etag: 'W/"1"', 'x-n': 5, location: '/a' }
    expect(cleanHeaders({ ...kept, 'Proxy-Authenticate': 'Basic', trailer: 'x', host: undefined })).toEqual(kept)
  })
})

describe('an error for a client', () => {
  it('stays the same object with all fields that are in order', () => {
    const failures = { log: PROCESS_LOG, limit: new LineLimit() }
    const client = { call: { path: 'users', method: 'get' }, params: {}, failures }
    const error = Object.assign(new NotFound('no', { id: 1 }), { reason: 'gone', status: 404 })
    expect(errorForClient(error, client, true)).toBe(error)
    expect(error).toMatchObject({ code: 404, status: 404, reason: 'gone', data: { id: 1 } })
    const own = Object.assign(new Error('no'), { code: 'ENOENT' })
    expect(errorForClient(own, client, true)).toMatchObject({ code: 'ENOENT' })
  })
})
