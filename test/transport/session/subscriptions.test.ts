import type { Contract } from 'feathers-mesh'
import { Subscriptions } from '../../../lib/transport/session/subscriptions'

const contracts: Contract[] = ['todos', 'users'].map(path => ({ path, methods: [], events: ['created'] }))

interface World {
  readonly subscriptions: Subscriptions
  readonly interest: Set<string>
  /** What the peer was told, and how it answers. */
  readonly sent: Array<readonly [paths: readonly string[], answer: () => void]>
  readonly gaps: string[]
}

function world (isReturning = false): World {
  const interest = new Set(['todos', 'elsewhere'])
  const sent: World['sent'] = []
  const gaps: string[] = []
  const subscriptions = new Subscriptions({
    interest,
    isReturning,
    send: (paths, onAnswer) => sent.push([paths, onAnswer]),
    onGap: path => gaps.push(path)
  })
  return { subscriptions, interest, sent, gaps }
}

describe('The subscriptions to a peer', () => {
  it('are sent to the peer when they change, and only those that it can serve', () => {
    const { subscriptions, interest, sent } = world()
    subscriptions.sync(contracts)
    subscriptions.sync(contracts)
    expect(sent.map(([paths]) => paths)).toEqual([['todos']])
    interest.delete('todos')
    subscriptions.sync(contracts)
    expect(sent.map(([paths]) => paths)).toEqual([['todos'], []])
    expect(subscriptions.isActive).toBe(false)
  })

  it('tell a gap of each path when the peer has answered on the next connection, and not before', () => {
    const { subscriptions, sent, gaps } = world()
    subscriptions.sync(contracts)
    subscriptions.disconnect()
    expect(subscriptions.hasMissed).toBe(true)
    subscriptions.sync(contracts)
    expect(gaps).toEqual([])
    sent[1]?.[1]()
    expect(gaps).toEqual(['todos'])
    expect(subscriptions.hasMissed).toBe(false)
  })

  it('tell a gap when the peer was lost before, and none when it is new', () => {
    for (const [isReturning, expected] of [[true, ['todos']], [false, []]] as const) {
      const { subscriptions, sent, gaps } = world(isReturning)
      subscriptions.sync(contracts)
      sent[0]?.[1]()
      expect(gaps).toEqual(expected)
    }
  })
})
