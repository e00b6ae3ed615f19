import type { Host } from '../../../lib/registry/remote-service-entry'
import { ReplicaChoice } from '../../../lib/remote/balancing/replica-choice'
import type { Replica } from 'feathers-mesh'
import { rejection } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

const contract = todos()
const hosts = ['a', 'b', 'c'].map((id): Host => ({ node: { id, key: 'default', contracts: [contract] }, contract }))
const call = { path: 'todos', method: 'find' }
const [a, b, c] = hosts as [Host, Host, Host]

/** Picks so many times, each call ending at once. */
function picks (choice: ReplicaChoice, times: number, among: readonly Host[] = hosts): string {
  return Array.from({ length: times }, () => choice.pick(among, call)?.node.id).join('')
}

describe('the choice of a replica', () => {
  it('is none where there is none, and the only one where there is one', () => {
    const choice = new ReplicaChoice()
    expect(choice.pick([], call)).toBeUndefined()
    expect(choice.pick([b], call)).toBe(b)
  })

  it('takes turns among equals', () => {
    expect(picks(new ReplicaChoice(), 7)).toBe('abcabca')
  })

  it('takes the one with the fewest calls under way', () => {
    const choice = new ReplicaChoice()
    for (const host of [a, a, b, b, c]) choice.started(host)
    expect(picks(choice, 3)).toBe('ccc')
    choice.finished(a)
    choice.finished(a)
    expect(picks(choice, 3)).toBe('aaa')
  })

  it('never counts below nothing', () => {
    const choice = new ReplicaChoice()
    choice.finished(a)
    choice.finished(a)
    choice.started(a)
    expect(picks(choice, 2, [a, b])).toBe('bb')
  })
})

describe('roundRobin', () => {
  it('takes turns, whatever is under way', () => {
    const choice = new ReplicaChoice('roundRobin')
    for (const host of [a, a, a, b]) choice.started(host)
    expect(picks(choice, 7)).toBe('abcabca')
  })
})

describe('fastest', () => {
  /** A call to each of these that takes so many milliseconds. */
  function took (choice: ReplicaChoice, ...calls: ReadonlyArray<readonly [Host, number]>): void {
    for (const [host, latency] of calls) {
      choice.started(host)
      choice.finished(host, latency)
    }
  }

  it('takes the one whose replies took least of late', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10], [c, 20])
    expect(picks(choice, 10)).toBe('bbbbbbbbbb')
    took(choice, [b, 400])
    expect(picks(choice, 5)).toBe('ccccc')
  })

  it('tries first one that nobody called yet, but by one call alone: it may never answer', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10])
    expect(choice.pick(hosts, call)).toBe(c)
    choice.started(c)
    expect(picks(choice, 3)).toBe('bbb')
  })

  it('spreads calls before any has its reply', () => {
    const choice = new ReplicaChoice('fastest')
    const first = hosts.map(() => {
      const host = choice.pick(hosts, call)
      if (host !== undefined) choice.started(host)
      return host?.node.id
    })
    expect([...first].sort()).toEqual(['a', 'b', 'c'])
    expect(new Set(picks(choice, 3))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('asks each of the others now and then, for it may have become faster', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10], [c, 20])
    const asked = picks(choice, 120)
    expect(new Set(asked)).toEqual(new Set(['a', 'b', 'c']))
    expect(asked.replaceAll('b', '').length).toBeLessThan(12)
  })

  it('knows nothing any more of one that left', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10])
    choice.delete('a')
    expect(picks(choice, 3, [a, b])).toBe('aaa')
  })
})

describe('a routing function', () => {
  it('is given what is known of the replicas and the call, and chooses', () => {
    const asked: Array<readonly [readonly Replica[], object]> = []
    const choice = new ReplicaChoice((replicas, routed) => {
      asked.push([replicas, routed])
      return replicas[1] ?? 'none'
    })
    choice.started(a)
    choice.finished(a, 12)
    choice.started(b)
    expect(choice.pick(hosts, call)).toBe(b)
    expect(asked).toEqual([[[
      { id: 'a', key: 'default', pending: 0, latency: 12 }, { id: 'b', key: 'default', pending: 1, latency: 0 },
      { id: 'c', key: 'default', pending: 0, latency: 0 }
    ], call]])
  })

  it('may give the id of the replica', () => {
    expect(new ReplicaChoice(() => 'c').pick(hosts, call)).toBe(c)
  })

  it('is not asked where there is nothing to choose, nor where the call has an affinity', () => {
    const routing = jest.fn(() => 'c')
    const choice = new ReplicaChoice(routing)
    choice.pick([a], call)
    choice.pick(hosts, call, 'customer-7')
    expect(routing).not.toHaveBeenCalled()
  })

  it.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['a stranger', 'stranger'], ['an object without an id', {}], ['a number', 7]
  ])('that returns %s fails the call at once, and says what it should have been', async (_what, garbage) => {
    const mesh = new ScriptedMesh({ routing: () => garbage as string })
    mesh.join('a')
    mesh.join('b')
    const error = await rejection(mesh.call('find'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(/^the routing function must choose one of a, b, not /)
    expect(mesh.asked).toEqual([])
  })

  it('that throws fails the call with what it threw, also when the call is tried again', async () => {
    const thrown = new Error('no idea')
    let asked = 0
    const mesh = new ScriptedMesh({
      routing: () => {
        if (++asked > 1) throw thrown
        return 'a'
      }
    })
    for (const id of ['a', 'b', 'c']) mesh.join(id)
    const call = mesh.call('find')
    mesh.last.fail('unknown')
    expect(await rejection(call)).toBe(thrown)
  })

  it('may give up the call that it chooses for: it is not sent any more', async () => {
    const givenUp = new AbortController()
    const mesh = new ScriptedMesh({
      routing: () => {
        givenUp.abort(new Error('given up'))
        return 'a'
      }
    })
    mesh.join('a')
    mesh.join('b')
    await expect(mesh.call('find', [], { signal: givenUp.signal })).rejects.toThrow('given up')
    expect(mesh.asked).toEqual([])
  })
})

describe('calls of one affinity', () => {
  const NODES = ['a', 'b', 'c', 'd']
  const KEYS = Array.from({ length: 60 }, (_, n) => `customer-${n}`)

  /** The node that each key goes to. */
  function owners (mesh: ScriptedMesh): string[] {
    return KEYS.map(affinity => {
      void mesh.call('find', [], { affinity })
      return mesh.last.node
    })
  }

  it('go to one replica, however busy it is', () => {
    const mesh = new ScriptedMesh()
    for (const id of NODES) mesh.join(id)
    for (let n = 0; n < 10; n++) void mesh.call('find', [], { affinity: 'customer-7' })
    expect(new Set(mesh.asked).size).toBe(1)
    expect(new Set(owners(mesh)).size).toBe(NODES.length)
  })

  it('go to the same replica from every node, in whatever order it met the replicas', () => {
    const [one, other] = [new ScriptedMesh(), new ScriptedMesh()]
    for (const id of NODES) one.join(id)
    for (const id of [...NODES].reverse()) other.join(id)
    expect(owners(one)).toEqual(owners(other))
  })

  it('move only if their replica leaves, and back when it returns', () => {
    const mesh = new ScriptedMesh()
    for (const id of NODES) mesh.join(id)
    const before = owners(mesh)
    mesh.registry.leave('b')
    const meanwhile = owners(mesh)
    before.forEach((owner, n) => {
      if (owner === 'b') expect(meanwhile[n]).not.toBe('b')
      else expect(meanwhile[n]).toBe(owner)
    })
    mesh.join('b')
    expect(owners(mesh)).toEqual(before)
  })

  it('go to another replica when theirs fails', () => {
    const mesh = new ScriptedMesh()
    for (const id of NODES) mesh.join(id)
    void mesh.call('find', [], { affinity: 'customer-7' })
    mesh.last.fail('not-sent')
    expect(new Set(mesh.asked).size).toBe(2)
  })
})

describe('calls', () => {
  it('are spread evenly over the replicas', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['a', 'b', 'c']) mesh.join(id)
    for (let n = 0; n < 30; n++) void mesh.call('find')
    const count = (id: string): number => mesh.asked.filter(node => node === id).length
    expect([count('a'), count('b'), count('c')]).toEqual([10, 10, 10])
  })

  it('go to the replicas that answer rather than to one that hangs', () => {
    const mesh = new ScriptedMesh()
    mesh.join('hangs')
    mesh.join('answers')
    for (let n = 0; n < 20; n++) {
      void mesh.call('find')
      if (mesh.last.node === 'answers') mesh.last.reply(n)
    }
    expect(mesh.asked.filter(node => node === 'hangs')).toHaveLength(1)
  })

  it('that fail or are given up are no longer under way', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('a')
    mesh.join('b')
    const controller = new AbortController()
    const failed = [
      mesh.call('create', [], { node: 'a' }), mesh.call('find', [], { node: 'a', signal: controller.signal }),
      mesh.call('find', [], { node: 'a', timeout: 10 })
    ].map(async call => await call.catch(() => {}))
    mesh.transport.sent[0]?.fail('unknown')
    controller.abort()
    await Promise.all(failed)
    for (let n = 0; n < 4; n++) void mesh.call('find')
    expect(mesh.asked.slice(3).sort()).toEqual(['a', 'a', 'b', 'b'])
  })
})
