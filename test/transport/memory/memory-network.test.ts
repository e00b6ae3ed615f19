import { BadRequest } from '@feathersjs/errors'
import { MemoryNetwork, type Contract } from 'feathers-mesh'
import { RequestRefused, type EventMessage, type ReplyHandler } from 'feathers-mesh/transport'
import { BareNode, type BareNodeOptions, type Reply } from '../../bare-node'
import { rejection, until } from '../../until'

let network = new MemoryNetwork()
let nodes: BareNode[] = []

afterEach(async () => {
  await Promise.all(nodes.map(async ({ transport }) => await transport.stop(0)))
  nodes = []
  network = new MemoryNetwork()
})

function node (id: string, options: BareNodeOptions = {}): BareNode {
  const made = new BareNode(network.transport(), { id, ...options })
  nodes.push(made)
  return made
}

const start = async (id: string, options?: BareNodeOptions): Promise<BareNode> => await node(id, options).start()

const contract: Contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }

/** A handler that records its outcome. */
class Keeping implements ReplyHandler {
  readonly told: unknown[] = []

  settle (...outcome: [error: unknown, value?: unknown]): void {
    this.told.push(outcome)
  }

  fail (error: Error): void {
    this.told.push(error)
  }
}

describe('the nodes of a memory network', () => {
  it('meet in either order of starting, with their contracts', async () => {
    const first = await start('first', { key: 'k', contracts: [contract] })
    const second = await start('second')
    expect(second.peers.get('first')).toEqual({ id: 'first', key: 'k', contracts: [contract] })
    expect(first.peers.get('second')).toEqual({ id: 'second', key: 'default', contracts: [] })
  })

  it('meet when they start simultaneously', async () => {
    const all = [node('a'), node('b'), node('c')]
    await Promise.all(all.map(async each => await each.start()))
    expect(all.map(({ peers }) => [...peers.keys()].sort().join())).toEqual(['b,c', 'a,c', 'a,b'])
  })

  it('meet a node that comes while they are cut from one of its id, when they can reach each other again', async () => {
    const [first] = [await start('first'), await start('second')]
    network.cut('first', 'second')
    network.cut('first', 'first')
    network.kill('second')
    const again = await start('second')
    expect([[...first.peers.keys()], [...again.peers.keys()]]).toEqual([[], []])
    network.join()
    expect([[...first.peers.keys()], [...again.peers.keys()]]).toEqual([['second'], ['first']])
  })

  it('know each other where a listener of the one joins them again before the other one hears of the cut', async () => {
    const [first, second] = [await start('first'), await start('second')]
    Object.assign(first, { left: () => network.join() })
    network.cut('first', 'second')
    expect([[...first.peers.keys()], [...second.peers.keys()]]).toEqual([['second'], ['first']])
  })

  it('meet although another one fails over that, which is counted there', async () => {
    const [failing, other] = [await start('failing'), await start('other')]
    const rejected: unknown[][] = []
    Object.assign(failing, {
      joined: () => { throw new Error('no such node here') },
      onRejected: (...what: unknown[]) => { rejected.push(what) }
    })
    const last = await start('last')
    expect([other.peers.has('last'), [...last.peers.keys()]]).toEqual([true, ['failing', 'other']])
    expect(rejected).toEqual([['containedFault', 'memory', 'no such node here']])
  })

  it('are gone where another one kills them when they join', async () => {
    const first = await start('first')
    Object.assign(first, { joined: ({ id }: { readonly id: string }) => network.kill(id) })
    const killed = await start('killed')
    expect((await rejection(first.ask('killed', {}))).message).toContain('has left')
    expect((await rejection(killed.ask('first', {}))).message).toContain('has left')
  })

  it('hear nothing more of one that was killed, which does not know it and has another service now', async () => {
    const [first, killed] = [await start('first'), await start('killed', { contracts: [contract] })]
    const change = killed.transport.announce()
    network.kill('killed')
    await change
    await killed.transport.announce()
    expect([...first.peers.keys()]).toEqual([])
  })

  it('do not meet nodes of another network', async () => {
    await start('a')
    const stranger = new BareNode(new MemoryNetwork().transport(), { id: 'stranger' })
    nodes.push(stranger)
    await stranger.start()
    expect(stranger.peers.size).toBe(0)
  })

  it('are notified when another node changes its contracts', async () => {
    const contracts: Contract[] = []
    const host = await start('host', { contracts })
    const consumer = await start('consumer')
    contracts.push(contract)
    await host.transport.announce()
    expect(consumer.peers.get('host')?.contracts).toEqual([contract])
  })

  it('are notified once when another node leaves', async () => {
    const one = await start('one')
    const other = await start('other')
    await other.transport.stop(1000)
    await other.transport.stop(1000)
    expect(one.departures).toEqual([['other', 'goodbye']])
  })

  it('may stop before they start', async () => {
    await node('never').transport.stop(1000)
  })
})

describe('a request on a memory network', () => {
  it('arrives unchanged, and so does its reply', async () => {
    await start(
      'host', { serve: (request, reply) => reply(null, { at: new Date(0), none: undefined, data: request.data }) }
    )
    const consumer = await start('consumer')
    const data = { at: new Date(0), none: undefined, nan: NaN }
    expect(await consumer.ask('host', { path: 'todos', method: 'create', data }))
      .toStrictEqual({ at: new Date(0), none: undefined, data })
  })

  it('shares no objects with the other side', async () => {
    const result = { list: [1] }
    const host = await start('host', { serve: (_request, reply) => reply(null, result) })
    const consumer = await start('consumer')
    const data = { list: [1] }
    const answer = await consumer.ask('host', { data })
    expect(answer).toEqual(result)
    expect(answer).not.toBe(result)
    expect(host.requests[0]?.data).not.toBe(data)
  })

  it('is answered asynchronously', async () => {
    await start('host', { serve: (_request, reply) => reply(null, 1) })
    const consumer = await start('consumer')
    const handler = new Keeping()
    consumer.transport.request('host', { method: 'find', key: 'default', path: 'todos' }, handler)
    expect(handler.told).toEqual([])
    await until(() => handler.told.length > 0)
    expect(handler.told).toEqual([[null, 1]])
  })

  it('resolves with undefined for an undefined result', async () => {
    await start('host', { serve: (_request, reply) => reply(null) })
    const consumer = await start('consumer')
    expect(await consumer.ask('host', {})).toBeUndefined()
  })

  it('fails with the error of the service in its class', async () => {
    await start('host', { serve: (_request, reply) => reply(new BadRequest('no', { a: 1 })) })
    const consumer = await start('consumer')
    const error = await rejection(consumer.ask('host', {}))
    expect(error).toBeInstanceOf(BadRequest)
    expect(error).toMatchObject({ message: 'no', data: { a: 1 } })
  })

  it('fails as not sent when the node refuses it', async () => {
    await start('host', { serve: (_request, reply) => reply(new RequestRefused(new Error('not here'))) })
    const consumer = await start('consumer')
    expect(await rejection(consumer.ask('host', {}))).toMatchObject({
      name: 'TransportError', outcome: 'not-sent', message: 'not here'
    })
  })

  it('fails as not sent when the node has left or never existed', async () => {
    const consumer = await start('consumer')
    expect(await rejection(consumer.ask('nobody', {}))).toMatchObject({ name: 'TransportError', outcome: 'not-sent' })
  })

  it('throws immediately when it cannot be sent', async () => {
    await start('host')
    const consumer = await start('consumer')
    const handler = new Keeping()
    expect(
      () => consumer.transport.request('host', { method: 'find', key: 'k', path: 'p', data: () => {} }, handler)
    ).toThrow('data is a function')
    await consumer.transport.stop(1000)
    expect(handler.told).toEqual([])
  })

  it('is never sent when it is canceled in the same turn', async () => {
    const host = await start('host', { serve: (_request, reply) => reply(null, 1) })
    const consumer = await start('consumer')
    const handler = new Keeping()
    const id = consumer.transport.request('host', { method: 'find', key: 'k', path: 'forgotten' }, handler)
    consumer.transport.cancel('host', id)
    await consumer.ask('host', { path: 'behind it' })
    expect(host.requests.map(({ path }) => path)).toEqual(['behind it'])
    expect(handler.told).toEqual([])
  })

  it('receives no reply after it is canceled', async () => {
    const replies: Reply[] = []
    const host = await start('host', { serve: (_request, reply) => { replies.push(reply) } })
    const consumer = await start('consumer')
    const handler = new Keeping()
    const id = consumer.transport.request('host', { method: 'find', key: 'k', path: 'p' }, handler)
    await until(() => host.requests.length > 0)
    consumer.transport.cancel('host', id)
    replies[0]?.(null, 'late')
    const next = consumer.ask('host', {})
    await until(() => replies.length > 1)
    replies[1]?.(null, 'next')
    expect(await next).toBe('next')
    expect(handler.told).toEqual([])
  })
})

describe('a node that leaves a memory network', () => {
  it('first answers the calls that it serves', async () => {
    const replies: Reply[] = []
    const host = await start('host', { serve: (_request, reply) => { replies.push(reply) } })
    const consumer = await start('consumer')
    const answer = consumer.ask('host', {})
    await until(() => replies.length > 0)
    const stopped = host.transport.stop(10_000)
    expect(consumer.departures).toEqual([['host', 'goodbye']])
    replies[0]?.(null, 'in time')
    expect(await answer).toBe('in time')
    await stopped
  })

  it('first receives the replies that it waits for', async () => {
    const replies: Reply[] = []
    await start('host', { serve: (_request, reply) => { replies.push(reply) } })
    const consumer = await start('consumer')
    const answer = consumer.ask('host', {})
    await until(() => replies.length > 0)
    const stopped = consumer.transport.stop(10_000)
    replies[0]?.(null, 'in time')
    expect(await answer).toBe('in time')
    await stopped
  })

  it('leaves when its drain time passes, and its callers learn that the outcome is unknown', async () => {
    const host = await start('host')
    const consumer = await start('consumer')
    const answer = rejection(consumer.ask('host', {}))
    await until(() => host.requests.length > 0)
    await host.transport.stop(10)
    expect(await answer).toMatchObject({ name: 'TransportError', outcome: 'unknown' })
  })

  it('does not wait for canceled calls', async () => {
    const host = await start('host', { serve: () => {} })
    const consumer = await start('consumer')
    const id = consumer.transport.request('host', { method: 'find', key: 'k', path: 'p' }, new Keeping())
    await until(() => host.requests.length > 0)
    const stopped = consumer.transport.stop(60_000)
    consumer.transport.cancel('host', id)
    await stopped
  })
})

describe('an event on a memory network', () => {
  const created = (args: readonly unknown[], path = 'todos'): EventMessage => ({
    path, key: 'default', event: 'created', args
  })

  it('reaches every subscriber of its path unchanged, and nobody else', async () => {
    const host = await start('host')
    const [listens, deaf, elsewhere] = [await start('listens'), await start('deaf'), await start('elsewhere')]
    listens.transport.subscribe('todos')
    elsewhere.transport.subscribe('users')
    host.transport.publish(created([{ at: new Date(0) }]))
    host.transport.publish(created(['marker'], 'users'))
    await until(() => elsewhere.events.length > 0 && listens.events.length > 0)
    expect(listens.events).toEqual([created([{ at: new Date(0) }])])
    expect(elsewhere.events).toEqual([created(['marker'], 'users')])
    expect([...deaf.events, ...host.events]).toEqual([])
  })

  it('arrives in the order of publication', async () => {
    const host = await start('host')
    const consumer = await start('consumer')
    consumer.transport.subscribe('todos')
    for (let n = 0; n < 20; n++) host.transport.publish(created([n]))
    await until(() => consumer.events.length === 20)
    expect(consumer.events.map(({ args }) => args[0])).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('does not arrive after unsubscribe', async () => {
    const host = await start('host')
    const consumer = await start('consumer')
    consumer.transport.subscribe('todos')
    consumer.transport.subscribe('users')
    consumer.transport.unsubscribe('todos')
    host.transport.publish(created(['unheard']))
    host.transport.publish(created(['heard'], 'users'))
    await until(() => consumer.events.length > 0)
    expect(consumer.events).toEqual([created(['heard'], 'users')])
  })
})
