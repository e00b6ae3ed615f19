import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransportError, type Contract, type Peer, type ReplyHandler } from 'feathers-mesh/transport'
import {
  ContractExchange, type ContractExchangeOptions
} from '../../../../lib/transport/session/contracts/contract-exchange'
import { until } from '../../../until'

const contract = { path: 'todos', methods: [{ name: 'find', idempotent: true }], events: [] }
const reply = (fields: object = {}): object =>
  ({ id: 'peer', revision: 1, contracts: [contract], now: Date.now(), ...fields })

interface World {
  readonly exchange: ContractExchange
  readonly asked: ReplyHandler[]
  readonly peers: Peer[]
  readonly notes: unknown[]
}

function world (asksAgain = false, host: ContractExchangeOptions['host'] = {}): World {
  const asked: ReplyHandler[] = []
  const peers: Peer[] = []
  const notes: unknown[] = []
  const exchange = new ContractExchange({
    peerId: 'peer',
    key: 'default',
    address: () => '127.0.0.1',
    host,
    request: handler => asked.push(handler),
    onContracts: peer => peers.push(peer),
    onOtherNode: () => notes.push('other node'),
    onUnreadable: answer => notes.push(['unreadable', answer]),
    onFailure: reason => {
      notes.push(reason)
      return asksAgain
    }
  })
  return { exchange, asked, peers, notes }
}

describe('the exchange of contracts', () => {
  it('sends one request for all revisions that a peer announces before it answers', () => {
    const { exchange, asked, peers } = world()
    for (const revision of [0, 1, 1]) exchange.update(revision)
    expect(asked).toHaveLength(1)
    asked[0]?.settle(null, reply({ name: 'api' }))
    expect(peers).toEqual([{ id: 'peer', name: 'api', key: 'default', contracts: [contract] }])
    exchange.update(1)
    expect(asked).toHaveLength(1)
  })

  it('sends another request when a later revision was announced before the answer', () => {
    const { exchange, asked } = world()
    exchange.update(1)
    exchange.update(2)
    asked[0]?.settle(null, reply({ revision: 1 }))
    expect(asked).toHaveLength(2)
  })

  it('detects another node at the address of the peer', () => {
    const { exchange, asked, peers, notes } = world()
    exchange.update(1)
    asked[0]?.settle(null, reply({ id: 'somebody' }))
    expect([peers, notes]).toEqual([[], ['other node']])
  })

  it('keeps only the contracts that the host admits, and has the host count what it leaves out itself', () => {
    const onRejected = jest.fn()
    const admit = jest.fn((_peer: string, [first]: readonly Contract[]) => [first])
    const { exchange, asked, peers } = world(false, { admit, onRejected })
    exchange.update(1)
    const long = { ...contract, path: 'p'.repeat(100_000) }
    asked[0]?.settle(null, reply({ contracts: [contract, { ...contract, path: 'more' }, long] }))
    expect(peers[0]?.contracts).toEqual([contract])
    expect(admit.mock.calls[0]?.[0]).toBe('peer')
    expect(onRejected.mock.calls).toEqual([['overlongContracts', '127.0.0.1', expect.stringMatching(/ of node peer$/)]])
  })

  it.each([[null], [7], ['text'], [[]], [{}], [{ revision: 1 }], [{ revision: 1.5, contracts: [], now: 1 }]])(
    'ignores the invalid answer %p', answer => {
      const { exchange, asked, peers, notes } = world()
      exchange.update(1)
      asked[0]?.settle(null, answer)
      expect([peers, notes]).toEqual([[], [['unreadable', answer]]])
    })

  it('retries after a failure only over another connection', () => {
    for (const [asksAgain, times] of [[true, 2], [false, 1]] as const) {
      const { exchange, asked, notes } = world(asksAgain)
      exchange.update(1)
      asked[0]?.fail(new TransportError('lost', 'unknown'))
      expect(asked).toHaveLength(times)
      expect(notes).toEqual(['lost'])
    }
  })

  it('asks no more when the answers of a peer do not reach what was announced', () => {
    for (const revision of [1, 0, -5]) {
      const { exchange, asked } = world()
      exchange.update(1e9)
      for (let n = 0; n < 5; n++) asked[n]?.settle(null, reply({ revision }))
      expect(asked.length).toBeLessThanOrEqual(2)
    }
  })

  it('asks with pauses when each answer advances, and none reaches what was announced', () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    try {
      const { exchange, asked } = world()
      exchange.update(1e9)
      let answered = 0
      const answerAll = (): void => {
        for (; answered < asked.length; answered++) asked[answered]?.settle(null, reply({ revision: answered + 1 }))
      }
      answerAll()
      for (let second = 0; second < 60; second++) {
        jest.advanceTimersByTime(1_000)
        answerAll()
      }
      expect(asked.length).toBeGreaterThan(3)
      expect(asked.length).toBeLessThan(20)
      exchange.stop()
      expect(jest.getTimerCount()).toBe(0)
    } finally {
      jest.useRealTimers()
    }
  })

  it('asks with pauses when a peer announces ever other revisions', () => {
    const { exchange, asked } = world()
    for (let revision = 1; revision < 1_000; revision++) {
      exchange.update(revision)
      asked.at(-1)?.settle(null, reply({ revision }))
    }
    exchange.stop()
    expect(asked.length).toBeLessThan(100)
  })

  it('asks after the pause for what may have changed without another revision, as the clock of the peer does', () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    try {
      const { exchange, asked } = world()
      exchange.update(1)
      for (let answered = 0; answered < asked.length; answered++) {
        asked[answered]?.settle(null, reply())
        exchange.fetch()
      }
      const before = asked.length
      jest.advanceTimersByTime(1_000)
      expect(asked).toHaveLength(before + 1)
      exchange.stop()
    } finally {
      jest.useRealTimers()
    }
  })

  it('reads a long answer in turns, and does not report it after it is stopped', async () => {
    const contracts = Array.from({ length: 5_000 }, (_, n) => ({ ...contract, path: `s${n}`, methods: [{ ...contract.methods[0] }], events: [] }))
    const { exchange, asked, peers } = world()
    exchange.update(1)
    asked[0]?.settle(null, reply({ contracts }))
    expect(peers).toHaveLength(0)
    await until(() => peers.length === 1)
    expect(peers[0]?.contracts).toHaveLength(5_000)
    const other = world()
    other.exchange.update(1)
    const again = contracts.map(each => ({ ...each, methods: [{ ...each.methods[0] }], events: [] }))
    other.asked[0]?.settle(null, reply({ contracts: again }))
    other.exchange.stop()
    await nextTurn()
    expect(other.peers).toHaveLength(0)
  })

  it('ignores answers and sends no requests after it is stopped', () => {
    const { exchange, asked, peers } = world()
    exchange.update(1)
    exchange.stop()
    asked[0]?.settle(null, reply())
    exchange.update(2)
    expect([peers.length, asked.length]).toEqual([0, 1])
  })
})
