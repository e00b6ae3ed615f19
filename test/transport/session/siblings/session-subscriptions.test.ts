import type { Contract } from 'feathers-mesh'
import type { EventMessage, Siblings } from 'feathers-mesh/transport'
import type { SubscribeHandler, SubscribeParams } from '../../../../lib/transport/session/events/subscribe-request'
import type { PeerSubscriptions } from '../../../../lib/transport/session/events/subscriptions-options'
import { subscriptionsTo } from '../../../../lib/transport/session/siblings/session-subscriptions'
import { CommonObjects } from '../../../../lib/transport/several/common-objects'

const contracts: Contract[] = [{ path: 'todos', methods: [], events: ['created'] }]
const event = (n: number): EventMessage => ({ path: 'todos', key: 'default', event: 'created', args: [n] })

interface Sent extends SubscribeHandler {
  readonly by: string
  readonly params: SubscribeParams
}

/** Sessions of two transports with one peer. */
class World {
  readonly sent: Sent[] = []
  readonly heard: unknown[] = []
  /** The transports whose peer is not the node with the id. */
  readonly impostors = new Set<number>()
  private readonly common = new CommonObjects()

  session (place: number, peerId = 'host'): PeerSubscriptions & { readonly source: object } {
    const source = { place }
    const siblings: Siblings = {
      place, isSame: () => !this.impostors.has(place), common: type => this.common.get(type)
    }
    const subscriptions = subscriptionsTo({ siblings }, peerId, {
      key: 'default',
      interest: new Set(['todos']),
      isReturning: false,
      source: () => source,
      send: (_source, _paths, params, handler) => this.sent.push({ by: `transport ${place}`, params, ...handler }),
      onEvent: ({ event, args: [arg] }) => this.heard.push(event === 'gap' ? arg : Number(arg))
    })
    return Object.assign(subscriptions, { source })
  }

  /** Answers the last request. */
  answer (count: number, more: object = {}): void {
    this.sent.at(-1)?.settle({ counts: [['todos', count]], token: `token ${this.sent.length}`, ...more })
  }
}

describe('the subscriptions to a peer that two transports reach', () => {
  it('are made by the first of them, and other events are not heard', () => {
    const world = new World()
    const [first, second] = [world.session(0), world.session(1)]
    first.sync(contracts)
    world.answer(0)
    second.sync(contracts)
    first.receive(first.source, event(1))
    second.receive(second.source, event(1))
    expect([world.sent.map(({ by }) => by), world.heard]).toEqual([['transport 0'], [1]])
  })

  it('move to one that is preferred, and hear each event once and in order', () => {
    const world = new World()
    const [first, second] = [world.session(0), world.session(1)]
    second.sync(contracts)
    world.answer(0)
    second.receive(second.source, event(1))
    first.sync(contracts)
    expect(world.sent.at(-1)).toMatchObject({ by: 'transport 0', params: { resume: 'token 1' } })
    world.answer(3, { resumed: true })
    first.receive(first.source, event(4))
    second.receive(second.source, event(2))
    second.receive(second.source, event(3))
    second.receive(second.source, event(4))
    expect(world.heard).toEqual([1, 2, 3, 4])
  })

  it('go on by the other one when the first is lost, and tell how many events are missing', () => {
    const world = new World()
    const [first, second] = [world.session(0), world.session(1)]
    for (const session of [first, second]) session.sync(contracts)
    world.answer(0)
    first.receive(first.source, event(1))
    first.leave?.()
    first.close(first.source)
    expect([world.heard, world.sent.at(-1)?.by]).toEqual([[1], 'transport 1'])
    world.answer(3, { resumed: true })
    second.receive(second.source, event(4))
    expect(world.heard).toEqual([1, { missed: 2, reason: 'disconnected' }, 4])
  })

  it('tell the loss when the other one is lost as well', () => {
    const world = new World()
    const [first, second] = [world.session(0), world.session(1)]
    for (const session of [first, second]) session.sync(contracts)
    world.answer(0)
    for (const session of [first, second]) {
      session.leave?.()
      session.close(session.source)
    }
    expect(world.heard).toEqual([{ reason: 'disconnected' }])
  })

  it('begin from the start when an impostor had them before', () => {
    const world = new World()
    const [first, second] = [world.session(0), world.session(1)]
    second.sync(contracts)
    world.answer(0)
    world.impostors.add(1)
    first.sync(contracts)
    expect([world.sent.at(-1)?.by, world.sent.at(-1)?.params.resume]).toEqual(['transport 0', undefined])
    world.answer(5)
    second.receive(second.source, event(1))
    first.receive(first.source, event(6))
    expect(world.heard).toEqual([6])
  })

  it('are remembered when both have lost the peer, those of the last 1000 peers', () => {
    const world = new World()
    for (let n = 0; n <= 1_000; n++) {
      const session = world.session(0, `peer-${n}`)
      session.sync(contracts)
      world.answer(0)
      session.leave?.()
      session.close(session.source)
    }
    const resumes = ['peer-0', 'peer-1', 'peer-1000'].map(id => {
      world.session(1, id).sync(contracts)
      return world.sent.at(-1)?.params.resume
    })
    expect(resumes).toEqual([undefined, 'token 2', 'token 1001'])
  })
})
