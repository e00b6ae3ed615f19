import type { Contract } from 'feathers-mesh'
import type { EventMessage } from 'feathers-mesh/transport'
import type { SubscribeHandler, SubscribeParams } from '../../../lib/transport/session/events/subscribe-request'
import type { KeptSubscriptions } from '../../../lib/transport/session/events/subscriptions-options'
import { Subscriptions } from '../../../lib/transport/session/subscriptions'

const contracts: Contract[] = ['todos', 'users'].map(path => ({ path, methods: [], events: ['created'] }))

interface Sent extends SubscribeHandler {
  readonly source: object
  readonly paths: readonly string[]
  readonly params: SubscribeParams
}

class World {
  /** The connection in use. */
  connection: object = { name: 'first' }
  readonly interest = new Set(['todos', 'elsewhere'])
  readonly sent: Sent[] = []
  readonly heard: unknown[] = []
  readonly released: object[] = []
  readonly subscriptions: Subscriptions

  constructor (options: { readonly isReturning?: boolean, readonly kept?: KeptSubscriptions } = {}) {
    this.subscriptions = new Subscriptions({
      key: 'default',
      interest: this.interest,
      isReturning: false,
      ...options,
      source: () => this.connection,
      send: (source, paths, params, handler) => this.sent.push({ source, paths, params, ...handler }),
      onEvent: ({ event, args: [arg] }) => this.heard.push(event === 'gap' ? arg : Number(arg)),
      onReleased: source => this.released.push(source)
    })
  }

  sync (): void {
    this.subscriptions.sync(contracts)
  }

  /** Answers the last request, with the count of the todos; without one as nodes do that do not count. */
  answer (count?: number, more: object = {}): void {
    this.sent.at(-1)?.settle(count === undefined ? true : { counts: [['todos', count]], token: 'token', ...more })
  }

  /** Subscribes, and the peer counts from 0. */
  subscribe (): object {
    this.sync()
    this.answer(0)
    return this.connection
  }

  /** Events that come by a connection. */
  receive (source: object, ...numbers: number[]): void {
    for (const n of numbers) this.subscriptions.receive(source, event(n))
  }

  /** Another connection takes the place of the one in use. */
  move (): object {
    this.connection = { name: 'next' }
    this.sync()
    return this.connection
  }
}

const event = (n: number): EventMessage => ({ path: 'todos', key: 'default', event: 'created', args: [n] })

describe('the subscriptions to a peer', () => {
  it('are sent to the peer when they change, as far as it can serve them', () => {
    const world = new World()
    world.sync()
    world.sync()
    expect(world.sent.map(({ paths }) => paths)).toEqual([['todos']])
    world.answer(0)
    world.interest.delete('todos')
    world.sync()
    expect(world.sent.map(({ paths }) => paths)).toEqual([['todos'], []])
    expect(world.subscriptions.isActive).toBe(false)
  })

  it('are sent one after another: what changes before the peer has answered is sent then, and once', () => {
    const world = new World()
    const sent = (): unknown => world.sent.map(({ paths }) => paths)
    world.sync()
    for (const change of ['add', 'delete', 'add'] as const) {
      world.interest[change]('users')
      world.sync()
    }
    expect(sent()).toEqual([['todos']])
    world.answer(0)
    expect(sent()).toEqual([['todos'], ['todos', 'users']])
    world.answer(0)
    expect(sent()).toHaveLength(2)
  })

  it('report what was missed of a path that is not wanted for a moment, before the peer has answered', () => {
    const world = new World()
    const source = world.subscribe()
    world.receive(source, 1, 2, 3)
    world.interest.add('users')
    world.sync()
    for (const change of ['delete', 'add'] as const) {
      world.interest[change]('todos')
      world.sync()
    }
    world.answer(3)
    world.subscriptions.check(source, { counts: [['todos', 5]] })
    expect(world.heard).toEqual([1, 2, 3, { missed: 2, reason: 'slow' }])
  })

  it('start the count of a path again after the peer was told that it is not wanted', () => {
    const world = new World()
    const source = world.subscribe()
    world.receive(source, 1, 2, 3)
    world.interest.delete('todos')
    world.sync()
    world.interest.add('todos')
    world.sync()
    world.answer(3)
    expect(world.sent.map(({ paths }) => paths)).toEqual([['todos'], [], ['todos']])
    world.answer(0)
    world.subscriptions.check(source, { counts: [['todos', 2]] })
    expect(world.heard).toEqual([1, 2, 3, { missed: 2, reason: 'slow' }])
  })

  it('report a gap for each path as soon as the connection is lost, and not again when nothing was missed', () => {
    const world = new World()
    const first = world.subscribe()
    world.receive(first, 1, 2)
    world.subscriptions.close(first)
    expect(world.heard).toEqual([1, 2, { reason: 'disconnected' }])
    world.move()
    expect(world.sent.at(-1)?.params).toEqual({ counts: true, resume: 'token' })
    world.answer(2, { resumed: true })
    expect(world.heard).toHaveLength(3)
  })

  it('report how many events were missed when the peer has counted on', () => {
    const world = new World()
    world.subscriptions.close(world.subscribe())
    const next = world.move()
    world.answer(7, { resumed: true })
    world.receive(next, 8)
    expect(world.heard).toEqual([{ reason: 'disconnected' }, { missed: 7, reason: 'disconnected' }, 8])
  })

  it('report a gap again when a peer returns that can not tell whether events were missed', () => {
    const world = new World()
    world.sync()
    world.answer()
    world.subscriptions.close(world.connection)
    world.move()
    world.answer()
    expect(world.heard).toEqual([{ reason: 'disconnected' }, { reason: 'disconnected' }])
  })

  it('report a gap when the peer was lost before, and none when it is new', () => {
    for (const [isReturning, expected] of [[true, [{ reason: 'disconnected' }]], [false, []]] as const) {
      const world = new World({ isReturning })
      world.subscribe()
      expect(world.heard).toEqual(expected)
    }
  })

  it('go on where they were when a lost peer returns', () => {
    const before = new World()
    before.receive(before.subscribe(), 1, 2)
    const world = new World({ isReturning: true, kept: before.subscriptions.kept })
    world.sync()
    expect(world.sent.at(-1)?.params.resume).toBe('token')
    world.answer(5, { resumed: true })
    expect(world.heard).toEqual([{ missed: 3, reason: 'disconnected' }])
  })

  it('know the last counts of a peer that leaves: nothing is reported if all has come', () => {
    const world = new World()
    const connection = world.subscribe()
    world.receive(connection, 1, 2)
    world.subscriptions.finish(connection, { counts: [['todos', 2]] })
    world.subscriptions.close(connection)
    expect(world.heard).toEqual([1, 2])
  })

  it('report a gap when the last counts of a peer that leaves lack a path that was heard', () => {
    const world = new World()
    const source = world.subscribe()
    world.receive(source, 1, 2)
    world.subscriptions.finish(source, { counts: [] })
    world.subscriptions.close(source)
    expect(world.heard).toEqual([1, 2, { reason: 'disconnected' }])
  })

  it('report a gap when a peer leaves without its last counts', () => {
    const world = new World()
    const connection = world.subscribe()
    world.subscriptions.finish(connection, null)
    world.subscriptions.close(connection)
    expect(world.heard).toEqual([{ reason: 'disconnected' }])
  })

  it.each([
    ['a gap of the peer', (world: World) => world.subscriptions.receive(world.connection, {
      ...event(0), event: 'gap', args: [{ missed: 3, reason: 'slow' }], count: 5
    })],
    ['a sign of life', (world: World) => world.subscriptions.check(world.connection, { counts: [['todos', 5]] })]
  ])('report exactly what is missing by %s, once', (_what, tell) => {
    const world = new World()
    world.receive(world.subscribe(), 1, 2)
    tell(world)
    tell(world)
    expect(world.heard).toEqual([1, 2, { missed: 3, reason: 'slow' }])
  })

  it('move to another connection without a gap, and in order', () => {
    const world = new World()
    const first = world.subscribe()
    world.receive(first, 1)
    const next = world.move()
    world.answer(3, { resumed: true })
    world.receive(next, 4, 5)
    world.receive(first, 2)
    expect([world.heard, world.released]).toEqual([[1, 2], []])
    world.receive(first, 3)
    world.receive(next, 6)
    expect([world.heard, world.released]).toEqual([[1, 2, 3, 4, 5, 6], [first]])
  })

  it('lose no event, and release each connection, when they move twice in a row', () => {
    const world = new World()
    const first = world.subscribe()
    world.receive(first, 1)
    const second = world.move()
    world.answer(2, { resumed: true })
    world.receive(second, 3)
    const third = world.move()
    world.answer(3, { resumed: true })
    world.receive(third, 4)
    world.subscriptions.close(first)
    expect(world.heard).toEqual([1, { missed: 1, reason: 'disconnected' }, 3, 4])
    expect(world.released).toEqual([first, second])
  })

  it('ignore the late answer of a connection that they have left, and release that', () => {
    const world = new World()
    const first = world.subscribe()
    const second = world.move()
    const third = world.move()
    world.answer(0)
    world.sent[1]?.settle({ counts: [['todos', 0]], token: 'late' })
    world.receive(third, 1)
    expect(world.heard).toEqual([{ reason: 'disconnected' }, 1])
    expect(world.released).toEqual([first, second])
    expect([first, second, third].map(each => world.subscriptions.isFedBy(each))).toEqual([false, false, true])
  })

  it('wait for the answer of the first connection before they move on, so that its events are counted', () => {
    const world = new World()
    world.sync()
    const first = world.connection
    const next = world.move()
    expect(world.sent).toHaveLength(1)
    world.answer(0)
    expect(world.sent[1]).toMatchObject({ source: next, params: { resume: 'token' } })
    world.answer(2, { resumed: true })
    world.receive(next, 3)
    world.receive(first, 1, 2)
    expect([world.heard, world.released]).toEqual([[1, 2, 3], [first]])
  })

  it('move on at once where the first connection breaks before its answer comes', async () => {
    const world = new World()
    world.sync()
    const first = world.connection
    const next = world.move()
    world.subscriptions.close(first)
    world.sent[0]?.fail()
    expect(world.sent.slice(1)).toMatchObject([{ source: next, paths: ['todos'] }])
    world.answer(0)
    world.receive(next, 1)
    await world.subscriptions.settled()
    expect(world.heard).toEqual([1])
  })

  it('report what the old connection did not bring when it ends while they move', () => {
    const world = new World()
    const first = world.subscribe()
    const next = world.move()
    world.answer(3, { resumed: true })
    world.receive(next, 4)
    world.receive(first, 1)
    world.subscriptions.close(first)
    expect(world.heard).toEqual([1, { missed: 2, reason: 'disconnected' }, 4])
  })

  it('report what a new connection brought too early when it is lost before the old one has ended', () => {
    const world = new World()
    const first = world.subscribe()
    const next = world.move()
    world.answer(2, { resumed: true, token: 'second' })
    world.receive(next, 3, 4)
    world.subscriptions.close(next)
    world.receive(first, 1, 2)
    const third = world.move()
    expect(world.sent.at(-1)?.params.resume).toBe('second')
    world.answer(5, { resumed: true })
    world.receive(third, 6)
    expect(world.heard).toEqual([1, 2, { missed: 3, reason: 'disconnected' }, 6])
  })

  it('lose nothing of a peer that leaves while they move', () => {
    const world = new World()
    const first = world.subscribe()
    const next = world.move()
    world.answer(1, { resumed: true })
    world.receive(next, 2)
    world.subscriptions.finish(next, { counts: [['todos', 2]] })
    world.subscriptions.finish(first, { counts: [] })
    world.subscriptions.close(next)
    world.receive(first, 1)
    world.subscriptions.close(first)
    expect(world.heard).toEqual([1, 2])
  })

  it('end on the old connection of a peer that does not count before they begin on the next one', () => {
    const world = new World()
    world.sync()
    world.answer()
    const first = world.connection
    const next = world.move()
    expect(world.sent.at(-1)).toMatchObject({ source: first, paths: [] })
    world.answer()
    expect(world.sent.at(-1)).toMatchObject({ source: next, paths: ['todos'] })
    world.answer()
    world.receive(next, 1)
    expect([world.heard, world.released]).toEqual([[{ reason: 'disconnected' }, 1], [first]])
  })

  it('take no event twice by a connection that they have left, however long the rest of the old one takes', () => {
    const world = new World()
    const first = world.subscribe()
    const next = world.move()
    world.answer(1, { resumed: true })
    const numbers = Array.from({ length: 10_001 }, (_, n) => n + 2)
    world.receive(next, ...numbers)
    world.receive(first, 1)
    expect(world.heard).toEqual([{ missed: 1, reason: 'disconnected' }, ...numbers])
  })

  it('hold no more than 64 MiB of a new connection while the old one has not brought its last event', () => {
    const world = new World()
    world.subscribe()
    const next = world.move()
    world.answer(1, { resumed: true })
    for (const n of [2, 3, 4, 5]) world.subscriptions.receive(next, event(n), 2 ** 24)
    expect(world.heard).toEqual([])
    world.subscriptions.receive(next, event(6), 1)
    expect(world.heard).toEqual([{ missed: 1, reason: 'disconnected' }, 2, 3, 4, 5, 6])
  })

  it('count nothing of paths that this node does not want, whatever a peer tells of them', () => {
    const world = new World()
    const first = world.subscribe()
    const others = Array.from({ length: 100 }, (_, n) => [`other ${n}`, 1] as const)
    const gap = { ...event(0), event: 'gap', args: [{ missed: 1, reason: 'slow' }] }
    for (const [path, count] of others) world.subscriptions.receive(first, { ...gap, path, count })
    world.subscriptions.check(first, { counts: others })
    world.move()
    world.answer(0, { resumed: true, counts: [['todos', 0], ...others] })
    // Those that are counted reach no more than they were told.
    const { heard } = world.subscriptions.kept
    expect([world.heard, heard.reaches(new Map(others.map(([path]) => [path, 2])))]).toEqual([[], true])
    expect(heard.reaches(new Map([['todos', 2]]))).toBe(false)
  })

  it.each([undefined, null, 7, [], {}, { counts: 7 }, { counts: [7, [], ['todos', -1], ['todos', 'x'], [{}, 1]] }])(
    'take the answer %j for that of a peer that tells nothing of use', answer => {
      const world = new World()
      world.sync()
      world.sent[0]?.settle(answer)
      world.receive(world.connection, 1)
      world.subscriptions.check(world.connection, answer)
      world.subscriptions.finish(world.connection, answer)
      expect(world.heard).toEqual([1])
    })
})
