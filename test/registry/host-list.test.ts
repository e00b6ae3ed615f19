import { HostList } from '../../lib/registry/host-list'
import type { Host } from '../../lib/registry/mesh-node'

const host = (id: string, path = 'todos'): Host => {
  const contract = { path, methods: [], events: [] }
  return { node: { id, key: 'a', contracts: [contract] }, contract }
}

describe('the replicas of a service', () => {
  it('are found by the ids of their nodes, however many there are', () => {
    const list = new HostList()
    const ids = (): string[] => {
      expect(list.all.map(({ node: { id } }) => id)).toEqual(list.ids)
      return list.ids
    }
    expect([list.size, ids(), list.of('a'), list.find(() => true)]).toEqual([0, [], undefined, undefined])
    const hosts = ['a', 'b', 'c'].map(id => host(id))
    const seen = hosts.map(each => {
      list.set(each)
      return [list.size, ids(), list.of(each.node.id) === each, list.of('d')]
    })
    expect(seen).toEqual([
      [1, ['a'], true, undefined], [2, ['a', 'b'], true, undefined], [3, ['a', 'b', 'c'], true, undefined]
    ])
    expect(list.find(({ node: { id } }) => id !== 'a')).toBe(hosts[1])
    for (const id of ['d', 'a', 'c', 'b']) list.delete(id)
    expect([list.size, ids(), list.of('a')]).toEqual([0, [], undefined])
    list.set(host('e'))
    expect(ids()).toEqual(['e'])
  })

  it('keep their places where a node offers something else', () => {
    const list = new HostList()
    for (const id of ['a', 'a', 'b', 'a']) list.set(host(id))
    const last = host('a', 'users')
    list.set(last)
    expect(list.all.map(({ node: { id } }) => id)).toEqual(['a', 'b'])
    expect(list.of('a')).toBe(last)
  })

  it('are gone when the only one goes, and stay when another node does', () => {
    const list = new HostList()
    list.set(host('a'))
    list.delete('b')
    expect([list.size, list.find(() => false)]).toEqual([1, undefined])
    list.delete('a')
    expect(list.size).toBe(0)
  })
})
