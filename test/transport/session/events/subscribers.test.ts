import type { EventMessage } from 'feathers-mesh/transport'
import type { SubscriberAnswer } from '../../../../lib/transport/session/events/event-counts'
import { Subscriber } from '../../../../lib/transport/session/subscriber'
import { Subscribers } from '../../../../lib/transport/session/events/subscribers'
import { decodeValue } from '../../../../lib/transport/values/decode-value'

const event = (n: number, name = 'created'): EventMessage => ({ path: 'todos', key: 'default', event: name, args: [n] })

/** A connection of a peer. */
class Peer {
  isBehind = false
  readonly received: unknown[] = []
  readonly caller = Object.freeze({ node: 'peer', key: 'default', proven: false, address: '127.0.0.1' })
  readonly subscriber: Subscriber

  constructor (subscribers: Subscribers, resume?: string) {
    this.subscriber = new Subscriber({
      key: 'default',
      subscribers,
      isBehind: () => this.isBehind,
      send: encoded => this.received.push((decodeValue(encoded).value as EventMessage).args[0]),
      onDropped: () => {}
    })
    this.subscriber.update(['todos'], { counts: true, resume })
  }

  get answer (): Exclude<SubscriberAnswer, true> {
    return this.subscriber.answer as Exclude<SubscriberAnswer, true>
  }
}

describe('the subscribers of a node', () => {
  let subscribers: Subscribers
  let connected: Peer[]
  const publish = (...messages: EventMessage[]): void => {
    for (const message of messages) subscribers.publish(message, connected, undefined, Infinity)
  }

  beforeEach(() => {
    subscribers = new Subscribers()
    connected = []
  })
  afterEach(() => subscribers.clear())

  it('learn how many events there were, sent or dropped, if they asked', () => {
    const peer = new Peer(subscribers)
    connected = [peer]
    publish(event(1))
    peer.isBehind = true
    publish(event(2), event(3))
    expect(peer.answer.counts).toEqual([['todos', 3]])
    peer.isBehind = false
    publish(event(4))
    expect(peer.received).toEqual([1, { missed: 2, reason: 'slow' }, 4])
    const other = new Subscriber({ key: 'default', isBehind: () => false, send: () => {}, onDropped: () => {} })
    other.update(['todos'])
    expect([other.answer, other.finalCounts]).toEqual([true, undefined])
  })

  it('are counted on while their connection is lost', () => {
    const first = new Peer(subscribers)
    connected = [first]
    publish(event(1))
    connected = []
    subscribers.part(first)
    publish(event(2), event(3))
    const next = new Peer(subscribers, first.answer.token)
    expect(next.answer).toMatchObject({ counts: [['todos', 3]], resumed: true })
    connected = [next]
    publish(event(4))
    expect([first.received, next.received, next.answer.counts]).toEqual([[1], [4], [['todos', 4]]])
  })

  it('are counted on when this node leaves by their connection, until they go on by another one', () => {
    const first = new Peer(subscribers)
    connected = [first]
    publish(event(1), event(2))
    expect(first.subscriber.finish()).toEqual([['todos', 2]])
    publish(event(3))
    const next = new Peer(subscribers, first.answer.token)
    expect(next.answer).toMatchObject({ counts: [['todos', 3]], resumed: true })
    connected = [first, next]
    publish(event(4))
    subscribers.part(first)
    connected = [next]
    publish(event(5))
    expect([first.received, next.received, next.answer.counts]).toEqual([[1, 2], [4, 5], [['todos', 5]]])
  })

  it('are counted once when their connection is lost after this node has left by it', () => {
    const first = new Peer(subscribers)
    connected = [first]
    first.subscriber.finish()
    publish(event(1))
    subscribers.part(first)
    connected = []
    publish(event(2))
    expect(new Peer(subscribers, first.answer.token).answer.counts).toEqual([['todos', 2]])
  })

  it('are counted on without encoding events for them', () => {
    const lost = new Peer(subscribers)
    subscribers.part(lost)
    const read = jest.fn(() => 'read')
    publish({ ...event(0), args: [{ toJSON: read, get field () { return read() } }] })
    expect(read).not.toHaveBeenCalled()
    expect(new Peer(subscribers, lost.answer.token).answer.counts).toEqual([['todos', 1]])
  })

  it('get each event by one connection alone when they move, and first what they missed by the old one', () => {
    const first = new Peer(subscribers)
    connected = [first]
    publish(event(1))
    first.isBehind = true
    publish(event(2))
    const next = new Peer(subscribers, first.answer.token)
    connected = [first, next]
    publish(event(3))
    expect(first.received).toEqual([1, { missed: 1, reason: 'slow' }])
    expect(next.received).toEqual([3])
    expect(next.answer).toMatchObject({ counts: [['todos', 3]], resumed: true })
  })

  it.each(['unheard of', '', 7, null, {}])('begin again from 0 with the token %p, which nobody has', token => {
    const peer = new Peer(subscribers, token as string)
    expect(peer.answer).toMatchObject({ counts: [['todos', 0]], resumed: false })
  })

  it('can not take a subscription over twice', () => {
    const first = new Peer(subscribers)
    const { token } = first.answer
    expect(new Peer(subscribers, token).answer.resumed).toBe(true)
    expect(new Peer(subscribers, token).answer.resumed).toBe(false)
  })

  it('are forgotten, the longest gone first, when more than a thousand are lost', () => {
    const peers = Array.from({ length: 1_001 }, () => new Peer(subscribers))
    const tokens = peers.map(({ answer: { token } }) => token)
    for (const peer of peers) subscribers.part(peer)
    expect(new Peer(subscribers, tokens[0]).answer.resumed).toBe(false)
    expect(new Peer(subscribers, tokens[1]).answer.resumed).toBe(true)
  })

  it('are forgotten when they have too many paths in all', () => {
    const peers = Array.from({ length: 11 }, (_, n) => {
      const peer = new Peer(subscribers)
      peer.subscriber.update(Array.from({ length: 10_000 }, (_, each) => `${n}/${each}`), { counts: true })
      return peer
    })
    const tokens = peers.map(({ answer: { token } }) => token)
    for (const peer of peers) subscribers.part(peer)
    expect(new Peer(subscribers, tokens[0]).answer.resumed).toBe(false)
    expect(new Peer(subscribers, tokens[10]).answer.resumed).toBe(true)
  })

  it('are forgotten, the longest gone first, when their paths have too many characters in all', () => {
    const partWith = (length: number, n: number): string | undefined => {
      const peer = new Peer(subscribers)
      peer.subscriber.update([`${n}/`.padEnd(length, '\u0416')], { counts: true })
      subscribers.part(peer)
      return peer.answer.token
    }
    const isKept = (token: string | undefined): boolean => new Peer(subscribers, token).answer.resumed
    const tokens = Array.from({ length: 11 }, (_, n) => partWith(500_000, n))
    expect(tokens.map(isKept)).toEqual([false, ...Array<boolean>(10).fill(true)])
    // Those that came back have left room.
    const later = Array.from({ length: 10 }, (_, n) => partWith(500_000, n))
    expect(later.map(isKept)).toEqual(Array<boolean>(10).fill(true))
  })

  it('are forgotten after a minute', () => {
    jest.useFakeTimers()
    try {
      const peer = new Peer(subscribers)
      const { token } = peer.answer
      subscribers.part(peer)
      jest.advanceTimersByTime(60_000)
      expect(new Peer(subscribers, token).answer.resumed).toBe(false)
    } finally {
      jest.useRealTimers()
    }
  })

  it('learn what was published before of what they may hear', () => {
    publish(event(1), event(2), event(3, 'secret'))
    const peer = new Peer(subscribers)
    const answer = peer.subscriber.answerTo(['todos', 'users'], (_path, name) => name !== 'secret')
    expect(answer).toMatchObject({ earlier: [['todos', 2, expect.any(Number)]] })
  })
})
