import type { Host } from '../../../lib/registry/mesh-node'
import { ReplicaChoice } from '../../../lib/remote/balancing/replica-choice'
import type { Replica } from 'feathers-mesh'
import { rejection } from '../../until'
import { ScriptedMesh, todos } from '../scripted-transport'

const contract = todos()
const hosts = ['a', 'b', 'c'].map((id): Host => ({ node: { id, key: 'default', contracts: [contract] }, contract }))
const call = { path: 'todos', method: 'find' }
const [a, b, c] = hosts as [Host, Host, Host]

/** Picks this number of times, with each call ending immediately. */
function picks (choice: ReplicaChoice, times: number, among: readonly Host[] = hosts): string {
  return Array.from({ length: times }, () => choice.pick(among, call)?.node.id).join('')
}

describe('the choice of a replica', () => {
  it('yields undefined for no replica, and the only one for a single replica', () => {
    const choice = new ReplicaChoice()
    expect(choice.pick([], call)).toBeUndefined()
    expect(choice.pick([b], call)).toBe(b)
  })

  it('alternates among replicas with equal load', () => {
    expect(picks(new ReplicaChoice(), 7)).toBe('abcabca')
  })

  it('prefers the replica with the fewest calls under way', () => {
    const choice = new ReplicaChoice()
    for (const host of [a, a, b, b, c]) choice.started(host)
    expect(picks(choice, 3)).toBe('ccc')
    choice.finished(a)
    choice.finished(a)
    expect(picks(choice, 3)).toBe('aaa')
  })

  it('never counts fewer than 0 calls under way', () => {
    const choice = new ReplicaChoice()
    choice.finished(a)
    choice.finished(a)
    choice.started(a)
    expect(picks(choice, 2, [a, b])).toBe('bb')
  })
})

describe('roundRobin routing', () => {
  it('alternates regardless of the calls under way', () => {
    const choice = new ReplicaChoice('roundRobin')
    for (const host of [a, a, a, b]) choice.started(host)
    expect(picks(choice, 7)).toBe('abcabca')
  })
})

describe('fastest routing', () => {
  /** A call to each of these that takes the given milliseconds. */
  function took (choice: ReplicaChoice, ...calls: ReadonlyArray<readonly [Host, number]>): void {
    for (const [host, latency] of calls) {
      choice.started(host)
      choice.finished(host, latency)
    }
  }

  it('prefers the replica with the shortest recent replies', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10], [c, 20])
    expect(picks(choice, 10)).toBe('bbbbbbbbbb')
    took(choice, [b, 400])
    expect(picks(choice, 5)).toBe('ccccc')
  })

  it('tries a new replica first, with a single call, because it may never answer', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10])
    expect(choice.pick(hosts, call)).toBe(c)
    choice.started(c)
    expect(picks(choice, 3)).toBe('bbb')
  })

  it('spreads calls before the first reply', () => {
    const choice = new ReplicaChoice('fastest')
    const first = hosts.map(() => {
      const host = choice.pick(hosts, call)
      if (host !== undefined) choice.started(host)
      return host?.node.id
    })
    expect([...first].sort()).toEqual(['a', 'b', 'c'])
    expect(new Set(picks(choice, 3))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('calls each slower replica occasionally, as it may have become faster', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10], [c, 20])
    const asked = picks(choice, 120)
    expect(new Set(asked)).toEqual(new Set(['a', 'b', 'c']))
    expect(asked.replaceAll('b', '').length).toBeLessThan(12)
  })

  it('forgets the latency of a replica that leaves', () => {
    const choice = new ReplicaChoice('fastest')
    took(choice, [a, 30], [b, 10])
    choice.delete('a')
    expect(picks(choice, 3, [a, b])).toBe('aaa')
  })
})

describe('a routing function', () => {
  it('receives the state of the replicas and the call, and chooses a replica', () => {
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

  it('may return the id of a replica', () => {
    expect(new ReplicaChoice(() => 'c').pick(hosts, call)).toBe(c)
  })

  it('is not called for a single replica or for a call with an affinity', () => {
    const routing = jest.fn(() => 'c')
    const choice = new ReplicaChoice(routing)
    choice.pick([a], call)
    choice.pick(hosts, call, 'customer-7')
    expect(routing).not.toHaveBeenCalled()
  })

  it.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['a stranger', 'stranger'], ['an object without an id', {}], ['a number', 7]
  ])('fails the call at once with the list of replicas when it returns %s', async (_what, garbage) => {
    const mesh = new ScriptedMesh({ routing: () => garbage as string })
    mesh.join('a')
    mesh.join('b')
    const error = await rejection(mesh.call('find'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(/^the routing function must choose one of a, b, not /)
    expect(mesh.asked).toEqual([])
  })

  it('fails the call with the error that it throws, even on a retry', async () => {
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

  it('may abort the call that it routes, which then is not sent', async () => {
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

describe('calls with one affinity', () => {
  const NODES = ['a', 'b', 'c', 'd']
  const KEYS = Array.from({ length: 60 }, (_, n) => `customer-${n}`)

  /** The node that each key goes to. */
  function owners (mesh: ScriptedMesh): string[] {
    return KEYS.map(affinity => {
      void mesh.call('find', [], { affinity })
      return mesh.last.node
    })
  }

  it('go to one replica, no matter how busy it is', () => {
    const mesh = new ScriptedMesh()
    for (const id of NODES) mesh.join(id)
    for (let n = 0; n < 10; n++) void mesh.call('find', [], { affinity: 'customer-7' })
    expect(new Set(mesh.asked).size).toBe(1)
    expect(new Set(owners(mesh)).size).toBe(NODES.length)
  })

  it('go to the same replica from every node, in whatever order the node discovered the replicas', () => {
    const [one, other] = [new ScriptedMesh(), new ScriptedMesh()]
    for (const id of NODES) one.join(id)
    for (const id of [...NODES].reverse()) other.join(id)
    expect(owners(one)).toEqual(owners(other))
  })

  it('move only when their replica leaves, and return when it returns', () => {
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

describe('calls to several replicas', () => {
  it('are spread evenly', () => {
    const mesh = new ScriptedMesh()
    for (const id of ['a', 'b', 'c']) mesh.join(id)
    for (let n = 0; n < 30; n++) void mesh.call('find')
    const count = (id: string): number => mesh.asked.filter(node => node === id).length
    expect([count('a'), count('b'), count('c')]).toEqual([10, 10, 10])
  })

  it('go to replicas that answer rather than to one that hangs', () => {
    const mesh = new ScriptedMesh()
    mesh.join('hangs')
    mesh.join('answers')
    for (let n = 0; n < 20; n++) {
      void mesh.call('find')
      if (mesh.last.node === 'answers') mesh.last.reply(n)
    }
    expect(mesh.asked.filter(node => node === 'hangs')).toHaveLength(1)
  })

  it('no longer count as under way after they fail or are aborted', async () => {
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
