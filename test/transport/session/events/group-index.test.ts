import { PROCESS_LOG } from '../../../../lib/log'
import { OldPublishers } from '../../../../lib/remote/old-publishers'
import { Registry } from '../../../../lib/registry/registry'
import { readEvent } from '../../../../lib/transport/messages/event'
import { Subscribers } from '../../../../lib/transport/session/events/subscribers'
import { Subscriber } from '../../../../lib/transport/session/subscriber'
import { chooseMembers, type GroupChoice } from '../../../../lib/transport/event-groups'
import { MalformedMessage } from '../../../../lib/transport/transport'
import { until } from '../../../until'
import { warnings } from '../../../warnings'

const subscribers = (): Subscribers => new Subscribers()

function subscriberOf (all: Subscribers, node?: string): Subscriber {
  const caller = { node, proven: false, address: 'here' }
  return new Subscriber({
    key: 'default', caller: () => caller, isBehind: () => false, send: () => {}, onDropped: () => {}, subscribers: all
  })
}

const join = (subscriber: Subscriber, groups: unknown): readonly string[] =>
  subscriber.update([], { counts: true, groups })

const billing = ['todos', 'created', 'billing']

describe('the groups of a subscriber', () => {
  it('are those that it names in a list, each once, and what is no group is left out', () => {
    const all = subscribers()
    const subscriber = subscriberOf(all, 'a')
    const mail = ['todos', 'created', 'mail']
    const nameless = [['', 'created', 'x'], ['todos', '', 'x'], ['todos', 'created', '']]
    expect(join(subscriber, [billing, billing, null, 'x', ['todos'], [1, 2, 3], ...nameless, mail])).toEqual(['todos'])
    expect(subscriber.groups).toEqual(['billing', 'mail'].map(group => ({ path: 'todos', event: 'created', group })))
    expect([...all.groups.of('todos', 'created') ?? []].map(([name, { members }]) => [name, members.length]))
      .toEqual([['billing', 1], ['mail', 1]])
    join(subscriber, { length: 1e9 })
    expect([subscriber.groups, subscriber.size]).toEqual([[], 0])
  })

  it('need a node that has said who it is', () => {
    const all = subscribers()
    const stranger = subscriberOf(all)
    join(stranger, [billing])
    expect([stranger.groups, all.groups.of('todos', 'created')]).toEqual([[], undefined])
  })

  it('have a node as one member, also while it has two connections', () => {
    const all = subscribers()
    for (const node of ['a', 'a', 'b']) join(subscriberOf(all, node), [billing])
    const chosen = Array.from({ length: 100 }, () => {
      return [...chooseMembers(all.groups.of('todos', 'created'), undefined, undefined).byNode.keys()].join()
    })
    expect(['a', 'b'].map(node => chosen.filter(each => each === node).length)).toEqual([50, 50])
  })

  it('are bounded in number, and their names in bytes', () => {
    const all = subscribers()
    const subscriber = subscriberOf(all, 'a')
    const many = (count: number, name = 'g'): unknown[] =>
      Array.from({ length: count }, (_, n) => ['todos', `event-${Math.floor(n / 100)}`, `${name}${n}`])
    join(subscriber, many(1_000))
    expect(subscriber.groups).toHaveLength(1_000)
    expect(() => join(subscriber, many(1_001))).toThrow(MalformedMessage)
    const ofOne = Array.from({ length: 101 }, (_, n) => ['todos', 'created', `g${n}`])
    expect(() => join(subscriber, ofOne.slice(1))).not.toThrow()
    expect(() => join(subscriber, ofOne)).toThrow(MalformedMessage)
    expect(() => join(subscriber, many(1, 'ü'.repeat(128)))).toThrow(MalformedMessage)
    expect(() => join(subscriber, many(900).map((_, n) => ['p'.repeat(1_200), `${n}`, 'g']))).toThrow(MalformedMessage)
    expect(() => join(subscriber, many(1_000).map((_, n) => [`p${n}`, 'created', 'g']))).not.toThrow()
    const paths = Array.from({ length: 10_000 }, (_, n) => `path-${n}`)
    expect(() => subscriber.update(paths, { counts: true, groups: [billing] })).toThrow(MalformedMessage)
  })

  it('are remembered without members, those that were left last', () => {
    const all = subscribers()
    const subscriber = subscriberOf(all, 'a')
    for (let n = 0; n < 1_002; n++) join(subscriber, [['todos', 'created', `g${n}`]])
    const known = (group: string): boolean => all.groups.of('todos', 'created')?.has(group) === true
    expect(['g0', 'g1', 'g1000', 'g1001'].map(known)).toEqual([false, true, true, true])
  })

  it('count as its paths do, and none is left behind that it does not name by its next connection', () => {
    const all = subscribers()
    const [one, other] = [subscriberOf(all, 'a'), subscriberOf(all, 'a')]
    const mail = ['todos', 'created', 'mail']
    join(one, [billing, mail])
    expect(one.size).toBe(3)
    const choice = { audience: undefined, byNode: new Map([['a', ['billing', 'mail']]]), own: [], lost: [] }
    all.groups.settle({ path: 'todos', key: 'default', event: 'created', args: [] }, choice)
    other.update([], { counts: true, groups: [billing], resume: one.token })
    const served = [...all.groups.of('todos', 'created') ?? []].map(([name, group]) => [name, [...group.served]])
    expect(served).toEqual([['billing', ['a']], ['mail', []]])
    expect([one.groups, other.groups.length]).toEqual([[], 1])
  })

  it('have one number of missed events, also where a node is in several of them', () => {
    const all = subscribers()
    const member = subscriberOf(all, 'a')
    join(member, [billing, ['todos', 'created', 'mail']])
    const choice = { audience: undefined, byNode: new Map<string, string[]>(), own: [], lost: ['billing', 'mail'] }
    const message = { path: 'todos', key: 'default', event: 'created', args: [] }
    all.publish(message, [], choice, Infinity)
    expect(member.eventsOf('todos')?.count).toBe(1)
    const late = subscriberOf(all, 'b')
    const fresh = join(late, [billing, ['todos', 'created', 'mail']])
    expect(late.answerTo(fresh, () => true)).toMatchObject({ earlier: [['todos', 1, expect.any(Number)]] })
  })

  it('are bounded in number for one event in a message', () => {
    const event = { path: 'todos', event: 'created', args: [], groups: Array.from({ length: 100 }, (_, n) => `g${n}`) }
    expect(readEvent(event, 'key')?.groups).toHaveLength(100)
    expect(readEvent({ ...event, groups: [...event.groups, 'more'] }, 'key')).toBeUndefined()
    expect(readEvent({ ...event, groups: 'all' }, 'key')).toBeUndefined()
    expect(readEvent({ ...event, groups: [1, 'a', {}, 'a'] }, 'key')?.groups).toEqual(['a'])
  })
})

describe('the work for the groups of peers', () => {
  it('needs no look-up in a list for each path that a peer subscribes to', () => {
    let lookUps = 0
    class Paths extends Array<string> {
      override includes (path: string): boolean {
        lookUps++
        return super.includes(path)
      }
    }
    const subscriber = subscriberOf(subscribers(), 'a')
    const paths = Array.from({ length: 2_000 }, (_, n) => `path-${n}`)
    const fresh = subscriber.update(paths, { counts: true, groups: [billing] })
    subscriber.answerTo(Paths.from(fresh), () => true)
    expect([fresh.length, lookUps]).toEqual([2_001, 0])
  })

  it('grows with their number, and not with its square, when all peers leave', () => {
    const all = subscribers()
    const names = Array.from({ length: 50 }, (_, n) => ['todos', 'created', `g${n}`])
    let reads = 0
    const members = Array.from({ length: 100 }, (_, n) => {
      const caller = { node: `node-${n}`, proven: false, address: 'here' }
      const member = new Subscriber({
        key: 'default',
        caller: () => {
          reads++
          return caller
        },
        isBehind: () => false,
        send: () => {},
        onDropped: () => {},
        subscribers: all
      })
      join(member, names)
      return member
    })
    reads = 0
    for (const member of members) all.part({ caller: member.caller, subscriber: member })
    expect(reads).toBeLessThan(3 * members.length * names.length)
    expect([...all.groups.of('todos', 'created')?.values() ?? []].map(group => group.members.length))
      .toEqual(names.map(() => 0))
  })
})

describe('the members that stay in a group', () => {
  const choiceOf = (node: string): GroupChoice =>
    ({ audience: undefined, byNode: new Map([[node, ['billing']]]), own: [], lost: [] })

  function memberThatCounts (all: Subscribers): { readonly member: Subscriber, readonly gaps: () => number } {
    let gaps = 0
    const caller = { node: 'stays', proven: false, address: 'here' }
    const member = new Subscriber({
      key: 'default', caller: () => caller, isBehind: () => false, send: () => { gaps++ }, onDropped: () => {},
      subscribers: all
    })
    join(member, [billing])
    return { member, gaps: () => gaps }
  }

  function loseMany (all: Subscribers): void {
    for (let n = 0; n < 50; n++) {
      const lost = subscriberOf(all, `node-${n}`)
      join(lost, [billing])
      all.groups.settle({ path: 'todos', key: 'default', event: 'created', args: [] }, choiceOf(`node-${n}`))
      all.groups.tellLoss(all.part({ caller: lost.caller, subscriber: lost }))
    }
  }

  it('hear of many members that are lost together by one gap', async () => {
    const all = subscribers()
    const { gaps } = memberThatCounts(all)
    loseMany(all)
    await until('the gap', () => gaps() > 0)
    expect(gaps()).toBe(1)
  })

  it('get the gap before the node leaves', () => {
    const all = subscribers()
    const { member, gaps } = memberThatCounts(all)
    loseMany(all)
    member.finish()
    expect(gaps()).toBe(1)
  })
})

describe('publishers that know no groups', () => {
  it('are warned of once each, as long as they are among the last thousand', () => {
    const told = warnings()
    const publishers = new OldPublishers(new Registry(), PROCESS_LOG)
    for (const id of ['one', 'one', ...Array.from({ length: 1_000 }, (_, n) => `node-${n}`), 'node-999', 'one']) {
      publishers.warn(id, 'todos')
    }
    expect(told.filter(text => text.includes('node one '))).toHaveLength(2)
    expect(told).toHaveLength(1_002)
  })
})
