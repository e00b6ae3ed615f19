import { io, type Socket } from 'socket.io-client'
import type { TestProcess } from '../process'
import { call, InteropMesh, knows, NEW, OLD_PLUGINS } from './interop-mesh'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

type Received = readonly [event: string, ...args: unknown[]]

/** What a request carries and no other client may ever see: each planted value has this in it. */
const PLANTED = 'PLANTED'
const secret = (name: string): string => `${PLANTED}-${name}`

/** The params of a request of an outside client, as transports and authentication leave them. */
const params = {
  provider: 'rest',
  query: { list: 'home' },
  authentication: { strategy: 'jwt', accessToken: secret('token'), payload: { sub: secret('payload') } },
  headers: { authorization: secret('header'), cookie: secret('cookie') },
  user: { id: 7, email: secret('email'), password: secret('hash') },
  connection: { secret: secret('connection') },
  session: secret('session'),
  route: { userId: secret('route') }
}

describe.each(OLD_PLUGINS)('a socket.io client of a gateway of feathers-distributed %s', (version, OLD) => {
  const mesh = new InteropMesh()
  const received: Received[] = []
  let gateway: TestProcess
  let ours: TestProcess
  let old: TestProcess
  let client: Socket

  beforeAll(async () => {
    gateway = await mesh.users('gateway', OLD)
    ours = await mesh.users('host', NEW, true)
    await knows(gateway, 'users', 'secretive')
    client = io(`http://127.0.0.1:${await gateway.ask<number>('listen')}`, { transports: ['websocket'] })
    client.onAny((...event: Received) => received.push(event))
    await gateway.until('the client', () => client.connected)
    await hears(ours)
  })

  beforeEach(() => { received.length = 0 })

  afterAll(async () => {
    client.close()
    await mesh.end()
  })

  /** The gateway subscribes some time after it knows the services: emits until the client receives an event. */
  async function hears (host: TestProcess): Promise<void> {
    await host.until('an event at the client', async () => {
      await host.ask('emit', { path: 'users', event: 'archived', payload: { last: 'none' } })
      return received.length > 0
    })
  }

  /** All that the client received, once all that was sent has arrived: the gateway has one connection to the host. */
  async function all (host = ours): Promise<Received[]> {
    const last = `last-${Math.random()}`
    const lastOf = ([, payload]: Received): unknown => (payload as { last?: unknown } | null)?.last
    await host.ask('emit', { path: 'users', event: 'archived', payload: { last } })
    await host.until('the last event', () => received.some(event => lastOf(event) === last))
    return once(received.filter(event => lastOf(event) === undefined))
  }

  /** 3.0 sends its clients each standard event twice, from any host. */
  function once (events: readonly Received[]): Received[] {
    const texts = [...new Set(events.map(event => JSON.stringify(event)))]
    return texts.map(text => JSON.parse(text) as Received)
  }

  /** The payload as it comes by this version: 2.4 leaves in it what routes it. */
  function payload (fields: object, path: string): unknown {
    return version === '2.4' ? { ...fields, path, key: 'host' } : fields
  }

  /** Each method that makes an event, one record and many, by the gateway. */
  async function callAll (path: string): Promise<void> {
    const password = secret('password')
    await call(gateway, path, 'create', { name: 'ann', password }, params)
    await call(gateway, path, 'create', [{ name: 'bob', password }, { name: 'cid', password }], params)
    await call(gateway, path, 'update', 1, { name: 'ann', password, age: 7 }, params)
    await call(gateway, path, 'patch', 1, { age: 8 }, params)
    await call(gateway, path, 'patch', null, { age: 9 }, params)
    await call(gateway, path, 'remove', 1, params)
    await call(gateway, path, 'remove', null, params)
  }

  /** What it leads to; what the host shows of passwords is for the test to say. */
  function expected (path: string, password: object): Received[] {
    const event = (name: string, fields: object): Received =>
      [`${path} ${name}`, payload({ ...fields, ...password }, path)]
    const [ann, bob, cid] = [{ id: 1, name: 'ann' }, { id: 2, name: 'bob' }, { id: 3, name: 'cid' }]
    return [
      event('created', ann), event('created', bob), event('created', cid), event('updated', { ...ann, age: 7 }),
      event('patched', { ...ann, age: 8 }),
      ...[ann, bob, cid].map(user => event('patched', { ...user, age: 9 })),
      event('archived', { ...ann, age: 9 }), event('removed', { ...ann, age: 9 }),
      event('removed', { ...bob, age: 9 }), event('removed', { ...cid, age: 9 })
    ]
  }

  /** The hosts emit 'archived' with what `remove` gave, which is a list after a removal of many. */
  const isOfOne = ([, fields]: Received): boolean => !Array.isArray(fields) && !('0' in (fields as object))

  it('receives each standard event with its payload and nothing from the request', async () => {
    await callAll('users')
    const events = await all()
    const shown = { password: secret('password') }
    expect(sorted(events.filter(isOfOne))).toEqual(sorted(expected('users', shown)))
    expect(JSON.stringify(events).replaceAll(shown.password, '')).not.toContain(PLANTED)
  })

  it('receives the public form of each record, without passwords', async () => {
    await callAll('secretive')
    const events = await all()
    expect(sorted(events.filter(isOfOne))).toEqual(sorted(expected('secretive', {})))
    expect(JSON.stringify(events)).not.toContain(PLANTED)
  })

  it('receives the same when another node or the host makes the call', async () => {
    await call(ours, 'secretive', 'create', { name: 'dan', password: secret('password') }, params)
    const events = await all()
    expect(events).toEqual([['secretive created', payload({ id: 4, name: 'dan' }, 'secretive')]])
  })

  it.each<[string, unknown, unknown]>([
    ['an object', { a: 1 }, { a: 1 }], ['an object with routing fields', { path: 'x', key: 'y', a: 1 }, { a: 1 }],
    ['an object with a context', { context: { a: 1 } }, { context: { a: 1 } }]
  ])('receives %s emitted by hand', async (_what, emitted, arrives) => {
    for (const event of ['archived', 'created']) await ours.ask('emit', { path: 'users', event, payload: emitted })
    const events = await all()
    expect(events).toEqual(['archived', 'created'].map(event =>
      [`users ${event}`, version === '2.4' ? payload(arrives as object, 'users') : emitted]))
  })

  it.each<[string, unknown, object]>([
    ['a list', [{ a: 1 }, { b: 2 }], { 0: { a: 1 }, 1: { b: 2 } }], ['a string', 'text', {}], ['a number', 7, {}]
  ])('receives %s emitted by hand in the form that its version supports', async (_what, emitted, fields) => {
    await ours.ask('emit', { path: 'users', event: 'archived', payload: emitted })
    expect(await all()).toEqual([['users archived', version === '2.4' ? payload(fields, 'users') : emitted]])
  })

  it('receives the same from our host as from a host of its own version', async () => {
    const methods = async (node: TestProcess): Promise<Received[]> => {
      received.length = 0
      await call(node, 'users', 'create', { name: 'eve' }, { query: {} })
      const events = await all(node)
      return events.map(([event, fields]) => [event, { ...fields as object, id: 'any' }])
    }
    const fromOurs = await methods(ours)
    await ours.kill()
    await gateway.until('no host', async () => !('users' in await gateway.ask<object>('remotes')))
    old = await mesh.users('host', OLD, true)
    await knows(gateway, 'users')
    received.length = 0
    await hears(old)
    expect(await methods(old)).toEqual(fromOurs)
  })
})

/** In an order that does not depend on who was quicker, nor on the order of fields. */
function sorted (events: readonly Received[]): string[] {
  const texts = events.map(([name, fields]) => `${name} ${JSON.stringify(Object.entries(fields as object).sort())}`)
  return texts.sort()
}
