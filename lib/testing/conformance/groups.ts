import assert from 'node:assert/strict'
import type { GroupInterest } from '../../transport/event-groups'
import type { EventMessage } from '../../transport/transport'
import {
  created, DRAIN_MS, gaps, losses, missed, numbers, subscribed, TODOS, until, type Nodes
} from '../conformance-nodes'
import type { ConformanceNode } from '../conformance-node'
import type { NamedTest } from './named-test'

const BILLING: GroupInterest = { event: 'created', group: 'billing' }

/** How many members of a group a host knows. */
function membersOf (host: ConformanceNode, group = 'billing'): number {
  return host.transport.groups?.of('todos', 'created')?.get(group)?.members.length ?? 0
}

/** Makes a node a member of groups of the events of a host, which knows it then. */
async function join (host: ConformanceNode, member: ConformanceNode, groups = [BILLING]): Promise<void> {
  const { transport } = member
  assert.ok(transport.groups !== undefined, 'the transport knows groups')
  const before = groups.map(({ group }) => membersOf(host, group))
  transport.groups.join('todos', groups)
  await transport.groups.settled()
  const known = (): boolean => groups.every(({ group }, at) => membersOf(host, group) > before[at])
  await until(`${host.id} to know ${member.id} as a member`, known)
}

/** A host, and members of one group of its events. */
async function group (nodes: Nodes, ...ids: string[]): Promise<readonly [ConformanceNode, ...ConformanceNode[]]> {
  const host = await nodes.start('host', [TODOS])
  const members: ConformanceNode[] = []
  for (const id of ids) {
    const member = await nodes.consumer(host, id)
    await join(host, member)
    members.push(member)
  }
  return [host, ...members]
}

/** All numbers that nodes got, in order. */
function allOf (...nodes: ConformanceNode[]): number[] {
  return nodes.flatMap(numbers).sort((one, other) => one - other)
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** How events reach one member of each group. */
export const groupTests: readonly NamedTest[] = [
  ['each event goes to one member of a group, in turns, and to all who have no group', async nodes => {
    const [host, ...members] = await group(nodes, 'one', 'two', 'three')
    const listener = await nodes.consumer(host, 'listener')
    await subscribed(host, listener)
    for (let n = 0; n < 300; n++) host.publish(created(n))
    await until('all events', () => allOf(...members).length >= 300 && numbers(listener).length >= 300)
    assert.deepEqual([allOf(...members), numbers(listener)], [upTo(300), upTo(300)])
    for (const member of members) {
      const order = numbers(member)
      assert.equal(order.length, 100, `${member.id} has its share`)
      assert.ok(order.every((n, at) => at === 0 || order[at - 1] < n), 'in order')
      assert.deepEqual(member.events[0], { ...created(numbers(member)[0]), groups: ['billing'] })
    }
    assert.deepEqual([...members, listener].map(gaps), [[], [], [], []])
  }],
  ['a member gets nothing but the events that it is chosen for', async nodes => {
    const [host, member] = await group(nodes, 'one')
    host.publish({ ...created(1), event: 'removed' })
    host.publish(created(2, 'users'))
    host.publish(created(3))
    await until('its event', () => member.events.length > 0)
    assert.deepEqual(member.events, [{ ...created(3), groups: ['billing'] }])
  }],
  ['a node that is in several groups, and listens without one as well, gets one message for all', async nodes => {
    const [host, member] = await group(nodes)
    const both = await nodes.consumer(host, 'both')
    assert.equal(member, undefined)
    await join(host, both, [BILLING, { event: 'created', group: 'mail' }])
    await subscribed(host, both)
    host.publish(created(7))
    host.publish({ ...created(8), args: [new Map([[1, 8n]])] })
    const chosen = (): EventMessage[] => both.events.filter(({ args: [first] }) => first !== -1)
    await until('both events', () => chosen().length >= 2)
    const beside = { groups: ['billing', 'mail'], all: true }
    assert.deepEqual(chosen(), [
      { ...created(7), ...beside }, { ...created(8), args: [new Map([[1, 8n]])], ...beside }
    ])
  }],
  ['only members that the host admits are chosen', async nodes => {
    const [host, allowed, other] = await group(nodes, 'allowed', 'other')
    host.audiences.set('created', ({ node }) => node === 'allowed')
    for (let n = 0; n < 50; n++) host.publish(created(n))
    await until('all events', () => numbers(allowed).length === 50)
    assert.deepEqual([allOf(allowed), other.events], [upTo(50), []])
    host.audiences.set('created', () => false)
    host.publish(created(50))
    host.audiences.clear()
    host.publish(created(51))
    await until('the next event', () => allOf(allowed, other).includes(51))
    assert.deepEqual([gaps(allowed), gaps(other)], [[], []], 'what nobody may hear is not missed')
  }],
  ['the publishing node is a member like others, if it says so', async nodes => {
    const [host, member] = await group(nodes, 'member')
    const own: number[] = []
    for (let n = 0; n < 100; n++) if (host.publish(created(n), ['billing']).includes('billing')) own.push(n)
    await until('all events', () => numbers(member).length + own.length === 100)
    assert.deepEqual([...own, ...numbers(member)].sort((one, other) => one - other), upTo(100))
    assert.equal(own.length, 50)
    assert.deepEqual(host.publish(created(100), ['mail', 'billing']).includes('mail'), true)
  }],
  ['a group is for publishers of one key, where a member says so', async nodes => {
    const host = await nodes.start('host', [TODOS])
    const [one, other] = [await nodes.consumer(host, 'one'), await nodes.consumer(host, 'other')]
    await join(host, one, [{ ...BILLING, key: 'default' }])
    other.transport.groups?.join('todos', [{ ...BILLING, key: 'office' }])
    await other.transport.groups?.settled()
    for (let n = 0; n < 20; n++) host.publish(created(n))
    await until('all events', () => numbers(one).length === 20)
    assert.deepEqual([membersOf(host), other.events], [1, []])
  }],
  ['no event is lost or doubled while members come, leave their groups and stop', async nodes => {
    const [host, first, leaving] = await group(nodes, 'first', 'leaving')
    let sent = 0
    let isPublishing = true
    const published = until('the end', () => {
      for (let n = 0; n < 20; n++) host.publish(created(sent++))
      return !isPublishing
    })
    const late = await nodes.consumer(host, 'late')
    await join(host, late)
    await until('it to have its share', () => numbers(late).length > 10)
    await leaving.transport.groups?.leave(DRAIN_MS)
    const before = numbers(leaving).length
    await late.transport.stop(DRAIN_MS)
    await until('some more', () => numbers(first).length > 500)
    isPublishing = false
    await published
    await until('all events', () => allOf(first, leaving, late).length >= sent)
    assert.deepEqual(allOf(first, leaving, late), upTo(sent))
    assert.equal(numbers(leaving).length, before, 'who has left its groups gets nothing more')
    assert.deepEqual([first, leaving, late].map(gaps), [[], [], []])
  }],
  ['a member that dies is told as a gap to all others, and gets no event more', async nodes => {
    const [host, dying, ...others] = await group(nodes, 'dying', 'one', 'two')
    const listener = await nodes.consumer(host, 'listener')
    await subscribed(host, listener)
    for (let n = 0; n < 30; n++) host.publish(created(n))
    await until('all events', () => allOf(dying, ...others).length === 30)
    await nodes.hook('kill')('dying')
    await until('the gaps', () => others.every(each => losses(each).length > 0))
    for (let n = 30; n < 130; n++) host.publish(created(n))
    await until('all other events', () => allOf(...others).filter(n => n >= 30).length === 100)
    assert.deepEqual(allOf(dying, ...others).filter(n => n >= 30), upTo(130).slice(30))
    const gap = { path: 'todos', key: 'default', event: 'gap', args: [{ reason: 'disconnected' }] }
    assert.deepEqual([...others.map(gaps), gaps(listener)], [[gap], [gap], []])
    assert.deepEqual(host.lostGroups, [{ path: 'todos', event: 'created', group: 'billing' }])
  }, ['kill']],
  ['a member that never got an event costs none when it dies', async nodes => {
    const [host, , other] = await group(nodes, 'dying', 'other')
    await nodes.hook('kill')('dying')
    await until('it to be gone', () => membersOf(host) === 1)
    host.publish(created(1))
    await until('the event', () => numbers(other).length === 1)
    assert.deepEqual([gaps(other), host.lostGroups], [[], []])
  }, ['kill']],
  ['what a group misses while all its members are cut off is counted for them', async nodes => {
    const [host, member] = await group(nodes, 'member')
    await nodes.hook('cut')('host', 'member')
    for (let n = 0; n < 100; n++) host.publish(created(n))
    await until('all to be accounted for', () => numbers(member).length + missed(member) >= 100)
    await until('it to be a member again', () => membersOf(host) === 1)
    host.publish(created(100))
    await until('the next event', () => numbers(member).includes(100))
    assert.equal(numbers(member).length + missed(member), 101)
  }, ['cut']],
  ['a member that does not keep up is passed over, and what nobody can take is counted for each', async nodes => {
    const [host, slow, quick] = await group(nodes, 'slow', 'quick')
    const resume = await nodes.hook('deafen')('slow')
    const text = 'x'.repeat(100_000)
    const behind = (): unknown[] => host.transport.groups?.of('todos', 'created')?.get('billing')?.members
      .filter(({ isBehind }) => isBehind).map(({ caller }) => caller.node) ?? []
    let sent = 0
    await until('the slow one to be behind', () => {
      const more = behind().includes('slow') ? 0 : 20
      for (let n = 0; n < more; n++) host.publish({ ...created(sent), args: [sent++, text] })
      // All peers may share one connection to a broker.
      return behind().join() === 'slow'
    })
    const from = sent
    for (let n = 0; n < 100; n++) host.publish(created(sent++))
    await until('the quick one to have them', () => numbers(quick).filter(n => n >= from).length === 100)
    await resume()
    await until('all events', () => allOf(slow, quick).length + missed(slow) >= sent)
  }, ['deafen']],
  ['what a newcomer published before a group could form is counted for its members that were there', async nodes => {
    const members = [await nodes.start('one'), await nodes.start('two')]
    for (const { transport } of members) transport.groups?.join('todos', [BILLING])
    const newcomer = nodes.make('newcomer', [TODOS])
    const joined = newcomer.transport.start(newcomer)
    let sent = 0
    await until('an event to arrive', () => {
      newcomer.publish(created(sent++))
      return allOf(...members).length > 0
    })
    await joined
    await until('both to be members', () => membersOf(newcomer) === 2)
    const late = await nodes.consumer(newcomer, 'late')
    await join(newcomer, late)
    for (const member of members) {
      await until('all to be accounted for', () => allOf(...members).length + missed(member) >= sent)
      assert.equal(allOf(...members).length + missed(member), sent)
    }
    assert.deepEqual(gaps(late), [], 'who came later misses nothing')
  }]
]
