import { MalformedMessage, type EventMessage } from 'feathers-mesh/transport'
import { publish } from '../../../lib/transport/session/events/publish'
import { Subscriber } from '../../../lib/transport/session/subscriber'
import { decodeValue } from '../../../lib/transport/values/decode-value'

const event = (n: number, path = 'todos'): EventMessage => ({ path, key: 'default', event: 'created', args: [n] })

class Peer {
  isBehind = false
  dropped = 0
  readonly received: Array<Pick<EventMessage, 'path' | 'event' | 'args'>> = []
  readonly caller
  readonly subscriber = new Subscriber({
    key: 'default',
    isBehind: () => this.isBehind,
    send: encoded => this.received.push(decodeValue(encoded).value as EventMessage),
    onDropped: () => { this.dropped++ }
  })

  constructor (node = 'peer') {
    this.caller = Object.freeze({ node, key: 'default', proven: false, address: '127.0.0.1' })
    this.subscriber.update(['todos'])
  }

  get args (): unknown[] {
    return this.received.map(({ event: name, args: [arg] }) => name === 'gap' ? arg : arg)
  }
}

describe('a subscriber', () => {
  it('receives only the events of the paths that it subscribed to', () => {
    const peer = new Peer()
    for (const path of ['todos', 'users']) publish(event(1, path), [peer], undefined, Infinity)
    expect(peer.received).toEqual([event(1)])
    peer.subscriber.update([])
    publish(event(2), [peer], undefined, Infinity)
    expect(peer.received).toHaveLength(1)
  })

  it('reports the new paths when it replaces its paths, whatever the peer sent', () => {
    const { subscriber } = new Peer()
    expect(subscriber.update(['users', 'todos', 7, null, 'users'])).toEqual(['users'])
    for (const rubbish of [undefined, null, 'todos', { length: 1 }]) expect(subscriber.update(rubbish)).toEqual([])
    expect(subscriber.eventsOf('todos')).toBeUndefined()
  })

  it('is refused more paths than a peer may have', () => {
    const { subscriber } = new Peer()
    expect(() => subscriber.update(Array(10_001).fill('x'))).toThrow(MalformedMessage)
    expect(() => subscriber.update(Array(501).fill('x'.repeat(1_000)))).toThrow(MalformedMessage)
  })

  it('misses events while it is behind, and receives their number before the next event', () => {
    const peer = new Peer()
    const send = (n: number): void => { publish(event(n), [peer], undefined, Infinity) }
    send(1)
    peer.isBehind = true
    send(2)
    send(3)
    peer.isBehind = false
    send(4)
    send(5)
    expect(peer.args).toEqual([1, { missed: 2, reason: 'slow' }, 4, 5])
    expect(peer.dropped).toBe(2)
  })

  it('receives the number of missed events when it has caught up, without another event', () => {
    const peer = new Peer()
    peer.isBehind = true
    publish(event(1), [peer], undefined, Infinity)
    peer.subscriber.sendGaps()
    peer.subscriber.sendGaps()
    expect(peer.args).toEqual([{ missed: 1, reason: 'slow' }])
  })
})

describe('publishing an event', () => {
  it('reaches only peers that may receive it', () => {
    const [one, other] = [new Peer('one'), new Peer('other')]
    publish(event(1), [one, other], ({ node }) => node === 'one', Infinity)
    expect([one.received.length, other.received.length]).toEqual([1, 0])
  })

  it('encodes the event once for all peers, and not at all when there are none', () => {
    const toJSON = jest.fn(() => 'encoded')
    const message = { ...event(0), args: [{ toJSON }] }
    publish(message, [], undefined, Infinity)
    expect(toJSON).not.toHaveBeenCalled()
    const peers = [new Peer(), new Peer(), new Peer()]
    publish(message, peers, undefined, Infinity)
    const once = toJSON.mock.calls.length
    publish(message, peers.slice(0, 1), undefined, Infinity)
    expect(toJSON.mock.calls.length).toBe(2 * once)
  })

  it('throws for an event that is too long for any peer', () => {
    expect(() => publish({ ...event(0), args: ['x'.repeat(200)] }, [new Peer()], undefined, 100)).toThrow(RangeError)
  })
})
