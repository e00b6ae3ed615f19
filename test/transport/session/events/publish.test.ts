import fc from 'fast-check'
import type { EventMessage } from 'feathers-mesh/transport'
import { PathSubscribers, publish } from '../../../../lib/transport/session/events/publish'
import { Subscribers } from '../../../../lib/transport/session/events/subscribers'
import { Subscriber } from '../../../../lib/transport/session/subscriber'

const PATHS = ['todos', 'users', 'notes']

const event = (path: string): EventMessage => ({ path, key: 'default', event: 'created', args: [] })

/** A peer that counts what it is sent. */
class Peer {
  received = 0
  readonly caller = Object.freeze({ node: 'peer', key: 'default', proven: false, address: '127.0.0.1' })
  readonly subscriber: Subscriber

  constructor (subscribers: Subscribers, onSubscribed: () => void) {
    this.subscriber = new Subscriber({
      key: 'default', subscribers, onSubscribed,
      isBehind: () => false,
      send: () => { this.received++ },
      onDropped: () => {}
    })
  }

  subscribe (paths: readonly string[], resume?: string): void {
    this.subscriber.update(paths, { counts: true, resume })
  }
}

/** The peers of a node, and who of them listens. */
class World {
  readonly peers: Peer[] = []
  readonly pathSubscribers = new PathSubscribers(() => this.peers)
  private readonly subscribers = new Subscribers()

  join (): Peer {
    const peer = new Peer(this.subscribers, () => this.pathSubscribers.forget())
    this.peers.push(peer)
    return peer
  }

  leave (peer: Peer): void {
    this.peers.splice(this.peers.indexOf(peer), 1)
    this.pathSubscribers.forget()
    this.subscribers.part(peer)
  }

  end (): void {
    this.subscribers.clear()
  }
}

/** What may befall the peers of a node. */
const step = fc.oneof(
  fc.record({ what: fc.constant('join' as const) }),
  fc.record({ what: fc.constantFrom('leave' as const, 'end' as const), at: fc.nat(5) }),
  fc.record({ what: fc.constant('subscribe' as const), at: fc.nat(5), paths: fc.subarray(PATHS), of: fc.nat(5) })
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function take (world: World, taken: Step): void {
  const { peers } = world
  if (taken.what === 'join') {
    world.join()
    return
  }
  const peer = peers[taken.at % Math.max(1, peers.length)]
  if (peer === undefined) return
  // It may take over what another connection of its node has.
  if (taken.what === 'subscribe') peer.subscribe(taken.paths, peers[taken.of]?.subscriber.token)
  else if (taken.what === 'leave') world.leave(peer)
  else peer.subscriber.end()
}

describe('the peers that listen to a path', () => {
  it('are those that a look at all peers finds, in the same order, whatever has changed since', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const world = new World()
      for (const each of steps) {
        take(world, each)
        for (const path of PATHS) {
          expect(world.pathSubscribers.of(path)).toEqual(world.peers.flatMap(target => {
            const events = target.subscriber.eventsOf(path)
            return events === undefined ? [] : [{ target, events }]
          }))
          const moved = world.peers.filter(({ subscriber }) => subscriber.hasMoved(path))
          expect(world.pathSubscribers.movedFrom(path)).toEqual(moved)
        }
      }
      world.end()
    }))
  })

  it('are looked for once while no subscription changes', () => {
    const world = new World()
    const looks = jest.spyOn(Subscriber.prototype, 'eventsOf')
    for (let n = 0; n < 10; n++) world.join().subscribe(n === 3 ? ['todos'] : ['users'])
    looks.mockClear()
    for (let n = 0; n < 100; n++) publish(event('todos'), world.pathSubscribers, undefined, Infinity)
    expect([world.peers[3].received, looks.mock.calls.length]).toEqual([100, 10])
    looks.mockRestore()
    world.end()
  })

  it('get an event as those do that are among all peers', () => {
    const world = new World()
    for (let n = 0; n < 4; n++) world.join().subscribe(n % 2 === 0 ? ['todos'] : [])
    publish(event('todos'), world.peers, undefined, Infinity)
    publish(event('todos'), world.pathSubscribers, undefined, Infinity)
    expect(world.peers.map(({ received }) => received)).toEqual([2, 0, 2, 0])
    world.end()
  })
})
