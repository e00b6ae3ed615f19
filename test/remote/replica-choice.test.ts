import type { Host } from '../../lib/registry/mesh-node'
import { ReplicaChoice } from '../../lib/remote/replica-choice'
import { ScriptedMesh, todos } from './scripted-transport'

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
