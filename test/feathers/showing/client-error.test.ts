import { randomUUID } from 'node:crypto'
import { BadRequest, GeneralError } from '@feathersjs/errors'
import type { Application, HookContext } from '@feathersjs/feathers'
import { errorForClient } from '../../../lib/feathers/showing/client-error'
import { LineLimit } from '../../../lib/line-limit'
import { PROCESS_LOG } from '../../../lib/log'
import { timedOut } from '../../../lib/errors'
import { rejection } from '../../until'
import { gateways, type Clients } from '../gateways'

const world = gateways()

let told: string[]

beforeEach(() => {
  told = []
  jest.spyOn(process, 'emitWarning').mockImplementation(warning => { told.push(String(warning)) })
})
afterEach(() => { jest.restoreAllMocks() })

interface Answer {
  readonly status: number
  readonly text: string
}

async function ask (clients: Clients, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${clients.url}/${path}`, { headers: { accept: 'application/json', ...headers } })
  return { status: response.status, text: await response.text() }
}

type DetailedError = Error & { data: { node: string } }

/** Any value that a service of another node may throw, by the id that it is called with. */
const THROWN: Readonly<Record<string, unknown>> = {
  'an own toJSON': Object.assign(new BadRequest('m'), { toJSON: 'x' }),
  'the code 99': Object.assign(new BadRequest('m'), { code: 99 }),
  'the code 200': Object.assign(new BadRequest('m'), { code: 200 }),
  'the code 302 as a text': Object.assign(new BadRequest('m'), { code: '302' }),
  'the code 404.5': Object.assign(new BadRequest('m'), { code: 404.5 }),
  'a code that is an object': Object.assign(new BadRequest('m'), { code: {} }),
  'no code': Object.assign(new BadRequest('m'), { code: undefined }),
  'the code 204 on an Error': Object.assign(new Error('m'), { code: 204 }),
  'a status of 200': Object.assign(new Error('m'), { status: 200, statusCode: 200, expose: true }),
  'a code of lists that share lists': Object.assign(new Error('m'), { code: lists() }),
  'a code that is a BigInt': Object.assign(new Error('m'), { code: 10n }),
  'a date without a time': new Date(NaN),
  headers: Object.assign(new Error('m'), { status: 404, headers: { 'set-cookie': 'sid=1' } }),
  'the type of Feathers on an Error': Object.assign(new Error('m'), { type: 'FeathersError' }),
  'a plain object of that type': { type: 'FeathersError', code: 200, message: 'm' },
  'a message that is an object': { message: { toString: 5 } },
  'a BigInt in its data': new BadRequest('m', { n: 10n }),
  'a circle in its data': new BadRequest('m', circle()),
  'a text': 'just a text',
  'a number': 42,
  'a list': ['m']
}

/** Lists of which a text would have an item for each path. */
function lists (): unknown[] {
  let value: unknown[] = [1]
  for (let level = 0; level < 20; level++) value = [value, value]
  return value
}

function circle (): object {
  const data: Record<string, unknown> = {}
  return Object.assign(data, { data })
}

const SECRETS = /127\.0\.0\.1|host-of-secrets|[0-9a-f]{8}-[0-9a-f]{4}-4/

/** A host whose `slow` never answers, and a gateway with services of its own that call it by code. */
async function meshOf (kind: 'express' | 'koa'): Promise<{ app: Application, clients: Clients }> {
  await world.host({
    slow: { async get () { return await new Promise(() => {}) } },
    // Feathers gives the id as it is in the URL.
    throwing: { async get (id: string) { throw THROWN[decodeURIComponent(id)] as Error } },
    // What a nested call on the host gets arrives as what the host threw.
    nested: {
      async get () { throw timedOut({ path: 'slow', method: 'get', node: randomUUID() }, 50, 'host-of-secrets') }
    }
  })
  const app = world.bare(kind)
  const bySelf = async (): Promise<unknown> => await rejection(app.service('slow').get(1))
  app.use('front', { async get () { throw await bySelf() as Error } })
  app.use('caused', { async get () {
    const cause = await bySelf()
    throw new Error(`it failed: ${(cause as Error).message}`, { cause })
  } })
  app.use('listed', { async get () { throw new BadRequest('m', { errors: [await bySelf()] }) } })
  app.use('converted', { async get () { throw new GeneralError(await bySelf() as Error) } })
  app.use('given', { async get () { throw new BadRequest('m', { info: (await bySelf() as { data: object }).data }) } })
  app.use('passing', { async get (id: string) { return await app.service('throwing').get(id) } })
  app.use('wrapping', { async get (id: string) {
    throw new GeneralError('m', { inner: await rejection(app.service('throwing').get(id)) })
  } })
  app.use('own', { async get () { throw Object.assign(new BadRequest('mine', { node: 'mine' }), { code: 299 }) } })
  await world.join(app, 'forRoot', { remotes: ['slow', 'throwing', 'nested'], timeout: 300 })
  return { app, clients: await world.clients(app) }
}

describe.each(['express', 'koa'] as const)('what a client of a gateway with %s learns of an error', kind => {
  it.each(['slow', 'front', 'converted', 'nested'])('is a message, the code and an id, from %s', async path => {
    const { clients } = await meshOf(kind)
    const { status, text } = await ask(clients, `${path}/1`, { 'x-request-id': 'r-17' })
    expect([status, JSON.parse(text)]).toEqual([408, {
      name: 'Timeout',
      message: `${path}.get(): the service did not answer in time, and may have carried out the request`,
      code: 408,
      className: 'timeout',
      data: { code: 'MESH_TIMEOUT', requestId: 'r-17' }
    }])
    const line = /^request r-17 of a client failed: slow\.get\(\): no reply from node .*"node":"/
    expect(told).toContainEqual(expect.stringMatching(line))
    expect(await clients.failure('get', path, 1)).toMatchObject({
      name: 'Timeout', code: 408, data: { code: 'MESH_TIMEOUT', requestId: expect.stringMatching(/^[\da-f-]{36}$/) }
    })
  })

  it.each(['caused', 'listed', 'given'])('is nothing where %s holds one', async path => {
    const { app, clients } = await meshOf(kind)
    const inside: DetailedError = await rejection(app.service('slow').get(1))
    for (const accept of ['application/json', 'text/html']) {
      const { status, text } = await ask(clients, `${path}/1`, { accept })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text).not.toContain(inside.data.node)
      expect(text).not.toContain('no reply from')
    }
    const bySocket = JSON.stringify(await clients.failure('get', path, 1))
    expect(bySocket).not.toContain(inside.data.node)
    expect(bySocket).not.toContain('no reply from')
  })

  it.each(['x'.repeat(101), '', '<script>', 'a b'])('is an id that is made, where that given is %j', async given => {
    const { clients } = await meshOf(kind)
    const { text } = await ask(clients, 'slow/1', { 'x-request-id': given })
    expect(JSON.parse(text)).toMatchObject({ data: { requestId: expect.stringMatching(/^[\da-f-]{36}$/) } })
  })

  it('leaves the errors of its own services as they are', async () => {
    const { clients } = await meshOf(kind)
    const text = expect.stringContaining('"data":{"node":"mine"}') as unknown
    expect(await ask(clients, 'own/1')).toEqual({ status: 299, text })
  })

  it.each(Object.keys(THROWN))('is a status of an error and no stack, where another node throws %s', async id => {
    const { clients } = await meshOf(kind)
    for (const [path, accept] of [
      ['throwing', 'application/json'], ['throwing', 'text/html'], ['passing', 'text/html'],
      ['wrapping', 'application/json']
    ]) {
      const { status, text } = await ask(clients, `${path}/${encodeURIComponent(id)}`, { accept })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(text).not.toMatch(/node_modules|\n\s+at /)
    }
  })
})

describe('an error of another node that a service of a gateway lets through', () => {
  it('has a code of which nobody makes a text, unless it is one or a number', () => {
    let texts = 0
    const code = { toString () { return `${++texts}` } }
    const failures = { log: PROCESS_LOG, limit: new LineLimit() }
    const client = { call: { path: 'throwing', method: 'get' }, params: {}, failures }
    expect(errorForClient(Object.assign(new Error('m'), { code }), client, true)).toMatchObject({ code: 500 })
    expect(texts).toBe(0)
  })

  it('keeps its message, where its code is a BigInt', async () => {
    const { clients } = await meshOf('express')
    const { text } = await ask(clients, `throwing/${encodeURIComponent('a code that is a BigInt')}`)
    expect(JSON.parse(text)).toMatchObject({ message: 'm', code: 500 })
  })

  it('is no endless text, where its code is lists that share lists', async () => {
    const { clients } = await meshOf('express')
    expect(await ask(clients, 'passing/a code of lists that share lists')).toMatchObject({ status: 500 })
  })
})

describe('code that calls a service of another node', () => {
  it('learns the node and the reason, and writes neither into JSON', async () => {
    const { app } = await meshOf('express')
    const error: DetailedError = await rejection(app.service('slow').get(1))
    expect(error.message).toMatch(/^slow\.get\(\): no reply from node /)
    expect(error.data.node).toMatch(/^[\da-f-]{36}$/)
    expect(JSON.stringify([error])).not.toMatch(SECRETS)
  })

  it('finds the details in the cause of what a client gets, in error hooks', async () => {
    const { app } = await meshOf('express')
    const seen: unknown[] = []
    const see = async (context: HookContext): Promise<void> => { seen.push(context.error.cause.data) }
    app.service('slow').hooks({ error: { get: [see] } })
    await rejection(app.service('slow').get(1, { provider: 'rest' }))
    expect(seen).toEqual([expect.objectContaining({ code: 'MESH_TIMEOUT', node: expect.any(String) })])
  })
})
