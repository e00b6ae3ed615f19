import type {
  EventMessage, IncomingCall, Peer, PeerSessionOptions, RejectionReason, TransportHost
} from 'feathers-mesh/transport'
import { meshNow } from '../../../lib/clock'
import { PeerSession } from '../../../lib/transport/session/peer-session'
import { encodeRequest } from '../../../lib/transport/messages/request'
import { COSTLY } from '../cote/wire'

/** Objects that can be made neither a text nor a number. */
const ODD = { toString: 1, valueOf: 1 }

class World {
  isBehind = false
  result = 'served'
  readonly sent: Array<readonly [kind: string, id: unknown, body: unknown]> = []
  readonly rejected: RejectionReason[] = []
  readonly peers: Peer[] = []
  readonly events: EventMessage[] = []
  readonly calls: IncomingCall[] = []
  readonly interest = new Set<string>()
  readonly session: PeerSession

  constructor (options: Partial<PeerSessionOptions> = {}) {
    const host: TransportHost = {
      id: 'here', key: 'default', contracts: () => [],
      serve: call => {
        this.calls.push(call)
        call.reply(null, this.result)
      },
      receive: event => this.events.push(event), joined: peer => this.peers.push(peer), left: () => {},
      onRejected: reason => this.rejected.push(reason)
    }
    this.session = new PeerSession({
      host,
      peer: { node: 'there', key: 'default', proven: false, address: 'test' },
      isReturning: false,
      interest: this.interest,
      maxMessageSize: 1_000_000,
      maxInFlight: 10,
      revision: () => 0,
      isBehind: () => this.isBehind,
      send: (kind, id, body) => this.sent.push([kind, id, body]),
      onIdle: () => {},
      ...options
    })
  }

  /** The ids of the requests of this kind that were sent. */
  asked (method: string): unknown[] {
    return this.sent.filter(([kind, , body]) => kind === 'request' && JSON.stringify(body).includes(method))
      .map(([, id]) => id)
  }

  /** Answers the question for contracts with one service. */
  join (): void {
    const contracts = [{ path: 'todos', methods: [{ name: 'find', idempotent: true }], events: ['created'] }]
    const reply = { plain: true, text: JSON.stringify({ revision: 0, contracts, now: Date.now() }) }
    this.session.receive('reply', this.asked('mesh:contracts').at(-1), { value: reply })
  }

  /** Sends a request, and gives what its handler gets. */
  request (): { readonly id: number, readonly outcomes: unknown[] } {
    const outcomes: unknown[] = []
    const id = this.session.request({ method: 'find', key: 'default', path: 'todos' }, {
      settle: (...outcome) => outcomes.push(outcome),
      fail: error => outcomes.push(error)
    })
    return { id, outcomes }
  }
}

const turn = async (): Promise<void> => { await new Promise(resolve => setImmediate(resolve)) }

describe('The session with a peer', () => {
  it.each([undefined, null, 7, 'text', [], {}, ODD, Symbol('odd'), NaN, { plain: true, text: '{' }])(
    'throws nothing when each field of a message is %p, and goes on', odd => {
      const world = new World()
      world.join()
      for (const kind of ['request', 'reply', 'cancel', 'event', 'revision', 'done', odd]) {
        world.session.receive(kind, odd, odd)
        world.session.receive(kind, 1, odd)
        world.session.receive(kind, odd, { plain: true, text: '1' })
      }
      const { id, outcomes } = world.request()
      world.session.receive('reply', id, { value: { plain: true, text: '"still here"' } })
      expect(outcomes).toEqual([[null, 'still here']])
    })

  it.each([
    undefined, 'garbage', [], { error: 42 }, { error: { plain: false, text: 7 } },
    { value: { plain: 'no', text: '1' } },
    { error: { plain: true, text: JSON.stringify({ name: ODD, className: 'x', code: 400 }) } }
  ])('never takes the reply %j for a success, and counts it', body => {
    const world = new World()
    const { id, outcomes } = world.request()
    world.session.receive('reply', id, body)
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]).not.toEqual([null, undefined])
  })

  it('keeps no request that subscribes to more paths than a peer may have', () => {
    const world = new World()
    const request = { method: 'mesh:listen', key: 'default', path: '', data: Array(10_001).fill('x') }
    for (let n = 0; n < 20; n++) world.session.receive('request', n, encodeRequest(request))
    expect(world.rejected.filter(reason => reason === 'malformedFrame')).toHaveLength(20)
    world.session.receive('done', 0, undefined)
    expect(world.session.isDrained).toBe(true)
  })

  it('tells the length of a request, so that its host can count what requests take', () => {
    const world = new World()
    const data = 'x'.repeat(10_000)
    world.session.receive('request', 1, encodeRequest({ method: 'create', key: 'default', path: 'todos', data }))
    expect(world.calls[0]?.bytes).toBeGreaterThan(10_000)
  })

  it('refuses a request that takes too much work to read, so that its caller does not wait', () => {
    const world = new World()
    world.session.receive('request', 7, { plain: false, text: COSTLY.text })
    expect([world.calls, world.rejected]).toEqual([[], ['costlyValue']])
    const [reply] = world.sent.filter(([kind]) => kind === 'reply')
    expect([reply?.[1], JSON.stringify(reply?.[2])]).toEqual([7, expect.stringContaining('more work')])
  })

  it('sends an error for a large reply while the peer reads nothing, small ones as they are, and counts both', () => {
    const world = new World()
    world.isBehind = true
    const ask = (id: number, method: string): void =>
      world.session.receive('request', id, encodeRequest({ method, key: 'default', path: 'todos' }))
    ask(1, 'find')
    world.result = 'x'.repeat(5_000)
    ask(2, 'find')
    const replies = world.sent.filter(([kind]) => kind === 'reply').map(([, id, body]) => [id, JSON.stringify(body)])
    expect(replies).toEqual([
      [1, expect.stringContaining('served')], [2, expect.stringContaining('too much waits for this caller')]
    ])
    expect(world.rejected).toEqual(['unreadReplies', 'unreadReplies'])
  })

  it('asks for contracts and subscribes again when the peer has caught up', async () => {
    const world = new World()
    world.join()
    world.interest.add('todos')
    world.isBehind = true
    world.session.receive('revision', 1, undefined)
    world.session.sync()
    await turn()
    expect([world.asked('mesh:contracts').length, world.asked('mesh:listen').length]).toEqual([1, 0])
    world.isBehind = false
    world.session.onCaughtUp()
    expect([world.asked('mesh:contracts').length, world.asked('mesh:listen').length]).toEqual([2, 1])
    world.session.onCaughtUp()
    expect(world.asked('mesh:listen')).toHaveLength(1)
  })

  it('is drained although its own question for contracts has no answer', () => {
    const world = new World()
    world.session.receive('done', 0, undefined)
    expect(world.session.isDrained).toBe(true)
    world.session.leave()
    expect(world.sent.at(-1)?.[0]).toBe('done')
  })

  it('serves and sends nothing after it was closed', () => {
    const world = new World()
    world.session.close('gone')
    const before = world.sent.length
    world.session.receive('request', 1, encodeRequest({ method: 'find', key: 'default', path: 'todos' }))
    expect(world.sent).toHaveLength(before)
  })

  it('holds no request while it may not yet ask a peer of 0.1 again, which refused one for its time', () => {
    const world = new World()
    world.join()
    const late = { name: 'Timeout', message: 'late', code: 408, refused: true, data: { code: 'MESH_TIMEOUT' } }
    const body = { plain: true, text: JSON.stringify(late) }
    const handler = { settle: () => {}, fail: () => {} }
    const send = (): unknown => world.session.request(
      { method: 'find', key: 'default', path: 'todos', deadline: meshNow() + 60_000 }, handler)
    for (let n = 1; n <= 40; n++) {
      const id = send()
      expect(world.asked('find')).toHaveLength(n)
      world.session.receive('reply', id, { error: body })
      world.join()
    }
    expect(world.asked('mesh:contracts').length).toBeGreaterThan(10)
    world.session.close('end')
  })

  it('never calls the handler of a request that it could not send when that is cancelled at once', async () => {
    const world = new World()
    world.isBehind = true
    const [kept, given] = [world.request(), world.request()]
    world.session.cancel(given.id)
    await turn()
    expect(kept.outcomes).toMatchObject([{ outcome: 'not-sent' }])
    expect(given.outcomes).toEqual([])
  })
})
