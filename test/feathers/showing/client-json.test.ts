import { BadRequest, GeneralError } from '@feathersjs/errors'
import { createContext, feathers, type Application, type HookContext } from '@feathersjs/feathers'
import type { IncomingCall } from 'feathers-mesh/transport'
import { BareNode } from '../../bare-node'
import { memoryMesh } from '../../memory-mesh'
import { rejection } from '../../until'
import { gateways } from '../gateways'

/** A few hundred bytes between nodes, more JSON than a gateway could write in its life. */
function graph (levels = 40): object {
  let value: object = { leaf: true }
  for (let level = 0; level < levels; level++) value = { first: value, second: [value] }
  return value
}

/** The same of lists only, which also a text is made of in as many steps. */
function lists (): unknown[] {
  let value: unknown[] = [1]
  for (let level = 0; level < 40; level++) value = [value, value]
  return value
}

const REFUSED = expect.stringContaining('graphs.get(): the result can\'t be sent to a client') as unknown

describe('a result whose JSON would be enormous because of shared objects', () => {
  const world = gateways()

  it.each(['express', 'koa'] as const)('is replaced by an error for all clients of a gateway with %s', async kind => {
    const small = graph(3)
    await world.host({ graphs: { async get (id: unknown) { return id === 'small' ? small : graph() } } })
    const app = await world.join(world.bare(kind), 'forRoot', { remotes: ['graphs'] })
    const { rest, socket } = await world.clients(app)
    expect(await rest('graphs/large')).toMatchObject({ status: 500, body: { name: 'GeneralError', message: REFUSED } })
    expect(await socket('get', 'graphs', 'large')).toBe(500)
    // And the gateway serves on.
    expect(await rest('graphs/small')).toEqual({ status: 200, body: small })
    expect(await socket('get', 'graphs', 'small')).toEqual(small)
  })
})

describe('a result with many items of typed arrays', () => {
  const world = gateways()

  it.each(['express', 'koa'] as const)('is an error for REST clients alone of a gateway with %s', async kind => {
    const results: Record<string, () => unknown> = {
      one: () => new Uint8Array(65_537),
      several: () => [new Float64Array(40_000), { more: new Int8Array(25_537) }],
      few: () => new Uint8Array(65_536),
      buffer: () => Buffer.alloc(200_000)
    }
    await world.host({ graphs: { async get (id: unknown) { return results[String(id)]?.() } } })
    const app = await world.join(world.bare(kind), 'forRoot', { remotes: ['graphs'] })
    const { rest, socket } = await world.clients(app)
    const failed = { status: 500, body: { name: 'GeneralError', message: REFUSED } }
    for (const id of ['one', 'several']) expect(await rest(`graphs/${id}`)).toMatchObject(failed)
    expect(await rest('graphs/few')).toMatchObject({ status: 200, body: { 65535: 0 } })
    expect((await rest('graphs/buffer')).status).toBe(200)
    expect(await socket('get', 'graphs', 'one')).toHaveLength(65_537)
  })
})

describe("the reply of a host to a client's call", () => {
  const mesh = memoryMesh()

  async function gateway (answer: (reply: IncomingCall['reply']) => void): Promise<Application> {
    const contracts = [{ path: 'graphs', methods: [{ name: 'get', idempotent: true }], events: [] }]
    const node = new BareNode(mesh.transport(), { contracts })
    node.answer = call => answer((...args) => call.reply(...args))
    await node.start()
    const app = feathers()
    await mesh.start({ app, key: 'gateway', remotes: ['graphs'] })
    stop = async () => await node.transport.stop(1)
    return app
  }

  let stop = async (): Promise<void> => {}
  afterEach(async () => await stop())

  function contextOf (app: Application): HookContext {
    return createContext(app.service('graphs'), 'get')
  }

  async function get (app: Application, params: object, context = contextOf(app)): Promise<HookContext> {
    // As Feathers' transports call it.
    const service = app.service('graphs') as unknown as { get (...args: unknown[]): Promise<HookContext> }
    return await service.get(1, params, context)
  }

  it('reaches callers in code unchanged', async () => {
    const app = await gateway(reply => reply(null, graph()))
    const result = await app.service('graphs').get(1) as { first: unknown, second: unknown[] }
    expect(result.second[0]).toBe(result.first)
  })

  it.each<[string, (reply: IncomingCall['reply']) => void]>([
    ['in the result', reply => reply(null, graph())],
    ['in an error that is the result', reply => reply(null, new BadRequest('no', { graph: graph() }))],
    ['in its dispatch', reply => reply(null, {}, { dispatch: graph() })]
  ])('becomes an error when it would be endless JSON %s', async (_what, answer) => {
    const app = await gateway(answer)
    const context = contextOf(app)
    const error = await rejection(get(app, { provider: 'rest' }, context))
    expect(error).toBeInstanceOf(GeneralError)
    expect(error).toMatchObject({ code: 500, message: REFUSED })
    expect([context.dispatch, context.http]).toEqual([undefined, undefined])
  })

  it.each<[string, object]>([
    ['headers', { headers: { 'x-a': lists() } }],
    ['a location', { location: lists() }]
  ])('loses %s that would be endless JSON, as no HTTP answer can have any', async (_what, http) => {
    const app = await gateway(reply => reply(null, {}, { http }))
    const context = await get(app, { provider: 'rest' })
    expect([context.result, context.http]).toEqual([{}, {}])
  })

  it.each<[string, () => unknown]>([
    ['of Feathers', () => new BadRequest('no', { graph: graph() })],
    ['of Feathers with errors', () => new BadRequest('no', { errors: { graph: graph() } })],
    ['of JavaScript', () => Object.assign(new TypeError('no'), { graph: graph() })],
    ['that is a plain object', () => ({ graph: graph() })]
  ])('becomes another error when its error, one %s, would be endless JSON', async (_what, thrown) => {
    const app = await gateway(reply => reply(thrown()))
    const error = await rejection(get(app, { provider: 'rest' }))
    const message = expect.stringContaining('graphs.get(): it failed, and its error can\'t be sent') as unknown
    expect(error).toBeInstanceOf(GeneralError)
    expect(error).toMatchObject({ code: 500, message })
    // Who calls for itself gets what was thrown.
    expect(await rejection(app.service('graphs').get(1))).not.toBeInstanceOf(GeneralError)
  })

  it('arrives unchanged when its JSON is short, including shared objects and details', async () => {
    const one = { id: 1 }
    const app = await gateway(reply => reply(null, [one, one], { dispatch: [one], http: { status: 202 } }))
    const { result, dispatch, http } = await get(app, { provider: 'socketio' })
    expect({ result, dispatch, http }).toEqual({ result: [one, one], dispatch: [one], http: { status: 202 } })
  })

  it('has the original error when the JSON of that is short', async () => {
    const app = await gateway(reply => reply(new BadRequest('no', { why: 'not' })))
    expect(await rejection(get(app, { provider: 'rest' }))).toMatchObject({ code: 400, data: { why: 'not' } })
  })
})
